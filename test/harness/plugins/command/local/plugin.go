// Package local is the "local" module of the command plugin.
package local

import (
	"context"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/middleware/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

const commandToken = tokens.Type("command:local:Command")

// Plugin gives the plugin's server.
func Plugin() p.Provider {
	plugin := infer.Provider(infer.Options{
		Metadata: schema.Metadata{
			DisplayName: "Command (stand-in)",
			Description: "local.Command as Pulumi's command plugin 1.2.1 runs it; nothing else.",
			License:     "Apache-2.0",
		},
		Resources: []infer.InferredResource{infer.Resource(&Command{})},
	})
	return refuseUnsupported(plugin)
}

// refuseUnsupported names what the official plugin has and this one has not, before anything runs.
func refuseUnsupported(plugin p.Provider) p.Provider {
	check := plugin.Check
	plugin.Check = func(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
		if token := req.Urn.Type(); token != commandToken {
			return p.CheckResponse{}, notHere(string(token))
		}
		failures := badInputs(req.Inputs)
		if len(failures) > 0 {
			return p.CheckResponse{Inputs: req.Inputs, Failures: failures}, nil
		}
		return check(ctx, req)
	}
	plugin.Invoke = func(_ context.Context, req p.InvokeRequest) (p.InvokeResponse, error) {
		return p.InvokeResponse{}, notHere(string(req.Token))
	}
	return plugin
}

func notHere(token string) error {
	return fmt.Errorf("%s is not in this stand-in of the command plugin, which serves %s only: "+
		"install the official plugin with \"pulumi plugin install resource command 1.2.1\"", token, commandToken)
}
