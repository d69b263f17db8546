/** Networks that the tests start from. */
import type {
  InterfaceAddress,
  Network,
  NetworkInterface,
} from "../../../../runtime/install/machine/network.ts";

export const own: InterfaceAddress = {
  address: "198.51.100.9",
  family: "inet",
  prefix: 32,
  dynamic: false,
  ofThisSystem: false,
};
export const own6: InterfaceAddress = { ...own, address: "2001:db8::9", family: "inet6", prefix: 64 };
export const loopback: NetworkInterface = {
  name: "lo",
  loopback: true,
  kind: null,
  hardwareAddress: null,
  addresses: [],
};
export const card: NetworkInterface = {
  name: "eth0",
  loopback: false,
  kind: null,
  hardwareAddress: "96:00:00:00:00:01",
  addresses: [own, own6],
};
export const network: Network = {
  contact: own.address,
  networkd: null,
  interfaces: [loopback, card],
  defaults: [
    { family: "inet", device: "eth0" },
    { family: "inet6", device: "eth0" },
  ],
};
