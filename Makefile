# `make demo` and `make test` do everything on a fresh Debian 12 machine with Swift 6.3.

PREFIX ?= /usr/local
SWIFT ?= swift
COMPLETIONS = $(PREFIX)/share/bash-completion/completions

BUILD_PACKAGES = libelf-dev zlib1g-dev
DEMO_PACKAGES = gcc libc6-dev
TEST_PACKAGES = gcc libc6-dev elfutils gdb perl-base python3-minimal spin musl-tools busybox-static golang-go qemu-user strace \
  gcc-12-multilib libc6-dev-i386 gcc-aarch64-linux-gnu libc6-dev-arm64-cross \
  gcc-riscv64-linux-gnu libc6-dev-riscv64-cross

# A static position-independent executable: see Package.swift.
RELEASE = $(SWIFT) build -c release --static-swift-stdlib --disable-local-rpath --scratch-path .build-release \
  -Xswiftc -cross-module-optimization

.PHONY: all build release demo test check bench run-vdso format lint install uninstall clean \
  build-packages demo-packages test-packages

all: build

build: build-packages
	$(SWIFT) build

release: build-packages
	$(RELEASE) --product demo-loader
	$(RELEASE) --product demo-loader-cli

demo: demo-packages release
	Scripts/demo .build-release/release

test: test-packages
	Scripts/check-latch-model
	Scripts/check-embedded.sh
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

check: test

# The x86_64 and i386 pages against the kernel's.
bench: demo-packages release
	Scripts/install-packages gcc-12-multilib libc6-dev-i386
	Scripts/bench-pages .build-release/release

# The tests of the design document: initialisation, symbol table, mapping, basic calls.
run-vdso: test-packages
	$(SWIFT) test --filter VDSODocumentTests

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Plugins VDSO

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Plugins VDSO

install: release
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec
	install .build-release/release/demo-loader $(DESTDIR)$(PREFIX)/bin/demo-loader
	install .build-release/release/demo-loader-cli $(DESTDIR)$(PREFIX)/libexec/demo-loader-cli
	strip $(DESTDIR)$(PREFIX)/bin/demo-loader $(DESTDIR)$(PREFIX)/libexec/demo-loader-cli
	install -d $(DESTDIR)$(COMPLETIONS)
	.build-release/release/demo-loader-cli --generate-completion-script bash > $(DESTDIR)$(COMPLETIONS)/demo-loader

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/demo-loader $(DESTDIR)$(PREFIX)/libexec/demo-loader-cli \
	  $(DESTDIR)$(COMPLETIONS)/demo-loader

clean:
	rm -rf .build .build-release

build-packages:
	Scripts/install-packages $(BUILD_PACKAGES)

demo-packages:
	Scripts/install-packages $(BUILD_PACKAGES) $(DEMO_PACKAGES)

test-packages:
	Scripts/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
