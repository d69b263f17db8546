// Command pulumi-resource-tls serves the tls plugin to a Pulumi engine.
package main

import (
	"context"
	_ "embed"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"

	"pulumi-nixos.test/bridge/tls"
)

//go:embed schema.json
var schema []byte

//go:embed bridge-metadata.json
var metadata []byte

func main() {
	pf.Main(context.Background(), "tls", tls.Describe(metadata), pf.ProviderMetadata{PackageSchema: schema})
}
