// Command generate writes what one plugin embeds, its schema.json and bridge-metadata.json:
//
//	generate PLUGIN schema --out FOLDER
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"

	"pulumi-nixos.test/bridge/hcloud"
	"pulumi-nixos.test/bridge/random"
	"pulumi-nixos.test/bridge/scaleway"
	"pulumi-nixos.test/bridge/tls"
)

type plugin struct {
	describe func(metadata []byte) tfbridge.ProviderInfo
	// muxed: served by both of Terraform's SDKs at once, as the older resources are not ported.
	muxed bool
}

var plugins = map[string]plugin{
	"hcloud":   {describe: hcloud.Describe, muxed: true},
	"random":   {describe: random.Describe},
	"scaleway": {describe: scaleway.Describe, muxed: true},
	"tls":      {describe: tls.Describe},
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: generate PLUGIN schema --out FOLDER")
		os.Exit(2)
	}
	name := os.Args[1]
	chosen, known := plugins[name]
	if !known {
		fmt.Fprintf(os.Stderr, "generate: no plugin %q\n", name)
		os.Exit(2)
	}
	// The bridge's own command line begins after the plugin's name.
	os.Args = append(os.Args[:1], os.Args[2:]...)
	info := chosen.describe([]byte("{}"))
	if chosen.muxed {
		tfgen.MainWithMuxer(name, info)
		return
	}
	tfgen.Main(name, info)
}
