// Package shim lies inside the tls provider's module path, and so reaches what is internal to it.
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	internal "github.com/hashicorp/terraform-provider-tls/internal/provider"
)

// New gives the provider as HashiCorp's own main program serves it.
func New() provider.Provider { return internal.New() }
