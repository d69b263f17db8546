// Package random describes HashiCorp's random provider to Pulumi's bridge.
package random

import (
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/terraform-providers/terraform-provider-random/shim"

	"pulumi-nixos.test/bridge/version"
)

const name = "random"

// Describe gives the plugin's description; metadata is what the generator wrote.
func Describe(metadata []byte) tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:            pf.ShimProvider(shim.New()),
		Name:         name,
		Version:      version.Plugin,
		MetadataInfo: tfbridge.NewProviderMetadata(metadata),
	}
	standard := tokens.MakeStandard(name)
	// The official types repeat the prefix: random.RandomPet, not random.Pet.
	prefixed := func(module, resource string) (string, error) { return standard(module, "Random"+resource) }
	info.MustComputeTokens(tokens.SingleModule(name+"_", "index", prefixed))
	return info
}
