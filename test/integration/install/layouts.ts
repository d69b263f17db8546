/** Settings that add one partition to the disk of the miniature `web`. */
export function disk(name: string, size: string): object {
  return { disko: { devices: { disk: { main: { content: { partitions: { [name]: { size } } } } } } } };
}

/** Settings that add a disk of one partition. */
export function furtherDisk(name: string, device: string): object {
  const root = { size: "100%", content: { type: "filesystem", format: "ext4", mountpoint: `/${name}` } };
  return { [name]: { device, content: { type: "gpt", partitions: { data: root } } } };
}
