// Package scaleway describes Scaleway's own Terraform provider to Pulumi's bridge.
package scaleway

import (
	"context"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	upstream "github.com/scaleway/terraform-provider-scaleway/v2/provider"

	"pulumi-nixos.test/bridge/version"
)

const name = "scaleway"

// services maps the Terraform names this project uses to the official plugin's modules; the rest stays in "index".
var services = map[string]string{
	"block":    "block",
	"iam":      "iam",
	"instance": "instance",
	"ipam":     "ipam",
	"vpc":      "network",
}

// Describe gives the plugin's description; metadata is what the generator wrote, "{}" for the generator itself.
func Describe(metadata []byte) tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P: pf.MuxShimWithPF(context.Background(),
			sdkv2.NewProvider(upstream.SDKProvider(nil)()), upstream.NewFrameworkProvider(nil)()),
		Name:         name,
		Version:      version.Plugin,
		MetadataInfo: tfbridge.NewProviderMetadata(metadata),
		// The rule would name them after nothing: the Terraform name is the module itself.
		Resources:   map[string]*tfbridge.ResourceInfo{"scaleway_vpc": {Tok: "scaleway:network/vpc:Vpc"}},
		DataSources: map[string]*tfbridge.DataSourceInfo{"scaleway_vpc": {Tok: "scaleway:network/getVpc:getVpc"}},
	}
	info.MustComputeTokens(tokens.MappedModules(name+"_", "index", services, tokens.MakeStandard(name)))
	info.SetAutonaming(255, "-")
	return info
}
