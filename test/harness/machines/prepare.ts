import { prepareMachineRoot } from "./machine-root.ts";

const root = await prepareMachineRoot();
console.log(root.base);
