module pulumi-nixos.test/pulumi

go 1.26

require github.com/pulumi/pulumi/pkg/v3 v3.232.0
