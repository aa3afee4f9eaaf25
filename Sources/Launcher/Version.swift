// SPDX-License-Identifier: Apache-2.0

/// The package's version. The command and the makefile take it from this line.
public let version = "0.2.0"
