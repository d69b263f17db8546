// Package shim lies inside the random provider's module path, and so reaches what is internal to it.
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	internal "github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// New gives the provider as HashiCorp's own main program serves it.
func New() provider.Provider { return internal.New() }
