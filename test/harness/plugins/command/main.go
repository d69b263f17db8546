// Command pulumi-resource-command stands in for Pulumi's official "command" plugin where that cannot be downloaded. It is
// built on the same library and serves local.Command as version 1.2.1 does; whatever else the official one offers is
// refused by name.
package main

import (
	"context"
	"fmt"
	"os"

	"pulumi-nixos.test/command/local"
)

// version is set by the linker.
var version = "0.0.0"

func main() {
	if err := local.Plugin().Run(context.Background(), "command", version); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-command:", err)
		os.Exit(1)
	}
}
