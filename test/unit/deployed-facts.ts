import type { DeployedFacts } from "../../model/facts/facts-file.ts";

/** Facts of two hosts, all of them known; `web` is made from a flake in `./hosts`, `mail` from another one. */
export function exampleFacts(): DeployedFacts {
  const host = { location: null, sshPort: 22, privateAddresses: {}, volumes: {} };
  const keys = (name: string) => ({
    [`hosts.${name}.hostKey`]: `ssh-ed25519 ${name}`,
    [`hosts.${name}.ageRecipient`]: `age1${name}`,
    [`hosts.${name}.wireguardKey`]: null,
  });
  return {
    fixed: {
      project: "fleet",
      stack: "prod",
      hosts: {
        web: {
          ...{ ...host, provider: "hetzner", location: "nbg1", tags: ["edge", "eu"] },
          ...{ privateAddresses: { internal: "10.0.1.2" }, volumes: { data: { size: 20 } } },
        },
        mail: { ...host, provider: "existing", tags: [] },
      },
      networks: { internal: { range: "10.0.0.0/16", subnet: "10.0.1.0/24" } },
      customFacts: ["ports", "url"],
    },
    known: {
      ...{ deployKeys: ["ssh-ed25519 deploy"], "facts.url": "https://x", "facts.ports": [80, 443] },
      ...{ "hosts.web.ipv4": "203.0.113.7", "hosts.web.ipv6": "2001:db8:1::1" },
      ...{ "hosts.mail.ipv4": null, "hosts.mail.ipv6": "2001:db8:2::1" },
      ...{ ...keys("web"), ...keys("mail"), "hosts.web.volumes.data.device": "/dev/disk/by-id/data" },
    },
    unknown: {},
    sources: {
      web: { flake: "./hosts", attribute: "web" },
      mail: { flake: "github:example/mail", attribute: "post" },
    },
  };
}
