// Package hcloud describes Hetzner's own Terraform provider to Pulumi's bridge.
package hcloud

import (
	"context"

	upstream "github.com/hetznercloud/terraform-provider-hcloud/hcloud"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"

	"pulumi-nixos.test/bridge/version"
)

const name = "hcloud"

// Describe gives the plugin's description; metadata is what the generator wrote, "{}" for the generator itself.
func Describe(metadata []byte) tfbridge.ProviderInfo {
	provider := pf.MuxShimWithPF(context.Background(),
		sdkv2.NewProvider(upstream.Provider()), upstream.NewPluginProvider())
	info := tfbridge.ProviderInfo{
		P:            provider,
		Name:         name,
		Version:      version.Plugin,
		MetadataInfo: tfbridge.NewProviderMetadata(metadata),
		Resources:    withTextIDs(provider.ResourcesMap()),
	}
	info.MustComputeTokens(tokens.SingleModule(name+"_", "index", tokens.MakeStandard(name)))
	info.SetAutonaming(255, "-")
	return info
}

// withTextIDs turns numeric ids into strings, as Pulumi's ids are.
func withTextIDs(resources shim.ResourceMap) map[string]*tfbridge.ResourceInfo {
	changed := map[string]*tfbridge.ResourceInfo{}
	resources.Range(func(token string, resource shim.Resource) bool {
		id, has := resource.Schema().GetOk("id")
		if has && id.Type() != shim.TypeString {
			changed[token] = &tfbridge.ResourceInfo{Fields: map[string]*tfbridge.SchemaInfo{"id": {Type: "string"}}}
		}
		return true
	})
	return changed
}
