// Command pulumi-resource-hcloud serves the hcloud plugin to a Pulumi engine.
package main

import (
	"context"
	_ "embed"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"

	"pulumi-nixos.test/bridge/hcloud"
)

//go:embed schema.json
var schema []byte

//go:embed bridge-metadata.json
var metadata []byte

func main() {
	pf.MainWithMuxer(context.Background(), "hcloud", hcloud.Describe(metadata), schema)
}
