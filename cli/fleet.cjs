#!/usr/bin/env node
// The command `fleet`. Only old syntax: an old Node.js has to get as far as the first line's words.
"use strict";

require("./needs-node.cjs");
require("./start.cjs");
