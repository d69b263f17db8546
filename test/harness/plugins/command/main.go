// Command pulumi-resource-command stands in for Pulumi's official "command" plugin where that cannot be downloaded. It is
// built on the same library and serves local.Command as version 1.2.1 does; whatever else the official one offers is
// refused by name.
package main

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/pkg/v3/resource/provider"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"pulumi-nixos.test/command/local"
)

// version is set by the linker.
var version = "0.0.0"

func main() {
	serve := func(host *provider.HostClient) (rpc.ResourceProviderServer, error) {
		server, err := p.RawServer("command", version, local.Plugin())(host)
		return plainConfig{server}, err
	}
	if err := provider.MainContext(context.Background(), "command", serve); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-command:", err)
		os.Exit(1)
	}
}

// plainConfig keeps the library's own bookkeeping out of the checked configuration: newer engines than the library warn
// about the reserved name it uses.
type plainConfig struct{ rpc.ResourceProviderServer }

func (c plainConfig) CheckConfig(ctx context.Context, req *rpc.CheckRequest) (*rpc.CheckResponse, error) {
	checked, err := c.ResourceProviderServer.CheckConfig(ctx, req)
	if checked.GetInputs() != nil {
		delete(checked.GetInputs().GetFields(), "__internal")
	}
	return checked, err
}
