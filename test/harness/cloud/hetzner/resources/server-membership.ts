/** What a server belongs to: networks, names in reverse DNS, placement groups; and its protection. */
import { z } from "zod";
import { ApiError, invalidInput } from "../errors.ts";
import type { Project } from "../project.ts";
import { emptyBody, type Route } from "../route.ts";
import type { ServerRecord } from "../state.ts";
import { addressOf } from "./address-book.ts";
import { applyPrivateNets } from "./machine-control.ts";
import { requirePlacement } from "./placement-groups.ts";
import { changeDnsPtr, dnsPtrSchema, ownsIp } from "./reverse-dns.ts";
import { type Effect, requireOff, serverAction } from "./server-action.ts";
import {
  aliasSchema,
  attachSchema,
  changeAliases,
  detachNetwork,
  detachSchema,
  planAttachment,
} from "./server-networks.ts";
import { idSchema } from "./shared.ts";

export function networkActions(project: Project): Route[] {
  const inNetwork = (id: number): Effect => ({ also: [{ type: "network", id }] });
  const plugged = (server: ServerRecord, id: number): Effect => ({
    ...inNetwork(id),
    work: () => applyPrivateNets(project, server),
  });
  return [
    serverAction(project, ["attach_to_network", "attach_to_network"], attachSchema, (server, body) => {
      server.privateNets.push(planAttachment(project, server, body));
      return plugged(server, body.network);
    }),
    serverAction(project, ["detach_from_network", "detach_from_network"], detachSchema, (server, body) => {
      detachNetwork(server, body.network);
      return plugged(server, body.network);
    }),
    serverAction(project, ["change_alias_ips", "change_alias_ips"], aliasSchema, (server, body) => {
      changeAliases(project, server, body);
      return inNetwork(body.network);
    }),
    serverAction(project, ["change_dns_ptr", "change_dns_ptr"], dnsPtrSchema, (server, body) => {
      const address = [addressOf(project, server, "ipv4"), addressOf(project, server, "ipv6")].find(
        (candidate) => candidate !== undefined && ownsIp(candidate, body.ip),
      );
      if (address === undefined) {
        throw new ApiError(404, "not_found", `IP ${body.ip} does not belong to server ${server.id}`);
      }
      return { work: () => changeDnsPtr(address, body) };
    }),
  ];
}

export function membershipActions(project: Project): Route[] {
  const protection = z.strictObject({ delete: z.boolean().optional(), rebuild: z.boolean().optional() });
  const group = z.strictObject({ placement_group: idSchema });
  return [
    serverAction(project, ["change_protection", "change_protection"], protection, (server, body) => {
      const wanted = {
        delete: body.delete ?? server.protection.delete,
        rebuild: body.rebuild ?? server.protection.rebuild,
      };
      if (wanted.delete !== wanted.rebuild) {
        throw invalidInput("rebuild", "delete and rebuild protection must be the same");
      }
      server.protection = wanted;
      return {};
    }),
    serverAction(project, ["add_to_placement_group", "add_to_placement_group"], group, (server, body) => {
      requireOff(server);
      if (server.placementGroup !== null) {
        throw new ApiError(422, "server_already_added", "server is in a placement group already");
      }
      requirePlacement(project, body.placement_group);
      server.placementGroup = body.placement_group;
      return { also: [{ type: "placement_group", id: body.placement_group }] };
    }),
    serverAction(
      project,
      ["remove_from_placement_group", "remove_from_placement_group"],
      emptyBody,
      (server) => {
        server.placementGroup = null;
        return {};
      },
    ),
  ];
}
