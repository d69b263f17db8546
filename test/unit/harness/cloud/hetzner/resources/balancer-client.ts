import { idOf, type TestCloud } from "../client.ts";

export const base = { name: "lb", load_balancer_type: "lb11", location: "fsn1" };

export function newBalancer(cloud: TestCloud, body: object = {}): Promise<number> {
  return idOf(cloud, "load_balancer", "/load_balancers", { ...base, ...body });
}

export const act = (cloud: TestCloud, id: number, name: string, body: object = {}) =>
  cloud.make("POST", `/load_balancers/${id}/actions/${name}`, body);
export const refusedTo = async (cloud: TestCloud, id: number, name: string, body: object = {}) => {
  const { error, fields } = await cloud.refused("POST", `/load_balancers/${id}/actions/${name}`, body);
  return [error, ...fields].join(" ");
};
export const balancerOf = async (cloud: TestCloud, id: number) =>
  (await cloud.make("GET", `/load_balancers/${id}`))["load_balancer"];

export async function network(cloud: TestCloud): Promise<number> {
  const subnets = [{ type: "cloud", network_zone: "eu-central", ip_range: "10.0.1.0/24" }];
  return idOf(cloud, "network", "/networks", { name: "net", ip_range: "10.0.0.0/16", subnets });
}
