// The floor of the preview benchmark: a Pulumi program that only registers resources, with literal inputs, from the providers' SDKs.
import { readFileSync } from "node:fs";
import * as command from "@pulumi/command";
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import * as scaleway from "@pulumiverse/scaleway";

const classes = {
  "command:local:Command": command.local.Command,
  "hcloud:index/firewall:Firewall": hcloud.Firewall,
  "hcloud:index/primaryIp:PrimaryIp": hcloud.PrimaryIp,
  "hcloud:index/server:Server": hcloud.Server,
  "hcloud:index/sshKey:SshKey": hcloud.SshKey,
  "scaleway:iam/sshKey:SshKey": scaleway.iam.SshKey,
  "scaleway:instance/ip:Ip": scaleway.instance.Ip,
  "scaleway:instance/securityGroup:SecurityGroup": scaleway.instance.SecurityGroup,
  "scaleway:instance/server:Server": scaleway.instance.Server,
  "tls:index/privateKey:PrivateKey": tls.PrivateKey,
};

const resources = JSON.parse(readFileSync("resources.json", "utf8"));
const registered = new Map();
for (const { urn, type, name, custom, parent, inputs, secrets } of resources) {
  if (parent !== null && !registered.has(parent)) throw new Error(`${urn} comes before its parent`);
  const options = parent === null ? {} : { parent: registered.get(parent) };
  for (const key of secrets) inputs[key] = pulumi.secret(inputs[key]);
  registered.set(urn, custom ? register(type, name, inputs, options) : component(type, name, options));
}

function register(type, name, inputs, options) {
  if (!Object.hasOwn(classes, type)) throw new Error(`the bare program does not know ${type}`);
  return new classes[type](name, inputs, options);
}

function component(type, name, options) {
  const made = new pulumi.ComponentResource(type, name, {}, options);
  made.registerOutputs({});
  return made;
}
