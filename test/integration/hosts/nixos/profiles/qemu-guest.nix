# Stands where NixOS has its module of this name.
{ }
