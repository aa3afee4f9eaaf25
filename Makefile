# `make demo` and `make test` do everything on a fresh Debian 12 machine with Swift 6.3.

PREFIX ?= /usr/local
SWIFT ?= swift
# Where shells and man look below PREFIX.
BASH_COMPLETION = $(PREFIX)/share/bash-completion/completions/demo-loader
ZSH_COMPLETION = $(PREFIX)/share/zsh/site-functions/_demo-loader
FISH_COMPLETION = $(PREFIX)/share/fish/vendor_completions.d/demo-loader.fish
MANUAL = $(PREFIX)/share/man/man1/demo-loader.1

BUILD_PACKAGES = libelf-dev zlib1g-dev
DEMO_PACKAGES = gcc libc6-dev
TEST_PACKAGES = gcc g++ libc6-dev elfutils gdb perl-base python3-minimal spin musl-tools busybox-static golang-go qemu-user strace \
  gcc-12-multilib g++-12-multilib libc6-dev-i386 gcc-aarch64-linux-gnu libc6-dev-arm64-cross \
  gcc-riscv64-linux-gnu libc6-dev-riscv64-cross libunicorn-dev qemu-system-x86 gdb-multiarch tzdata \
  pkg-config cmake libunwind-dev libcap2-bin

# A static position-independent executable: see Package.swift.
RELEASE = $(SWIFT) build -c release --static-swift-stdlib --disable-local-rpath --scratch-path .build-release \
  -Xswiftc -cross-module-optimization

.PHONY: all build release shim demo test check bench bench-libraries bench-libraries-thresholds bench-peers bench-resolver bench-shim \
  bench-start bench-virtual-time virtual-time-matrix check-shim-programs corpus clock-quality fuzz trust run-vdso \
  docs format lint manual install uninstall clean build-packages demo-packages test-packages

all: build

build: build-packages
	$(SWIFT) build

# The front that starts programs is Embedded Swift; what parses arguments has the whole language.
release: build-packages
	$(RELEASE) --product vdso-image-tool
	$(RELEASE) --product demo-loader-cli
	Scripts/build-embedded .build-release/embedded .build-release/release
	cp .build-release/embedded/demo-loader .build-release/release/demo-loader

# The libc shim: libvdsoshim.so and .a.
shim: build-packages
	Scripts/build-shim .build-release/shim

demo: demo-packages release
	Scripts/demo .build-release/release

test: test-packages
	Scripts/check-latch-model
	$(SWIFT) build --build-tests
	Scripts/build-embedded .build/embedded .build/debug
	Scripts/build-shim .build/shim
	Scripts/check-shim .build/shim .build/embedded/demo-loader
	Scripts/check-resolver32 .build/resolver32 .build/embedded/demo-loader
	Scripts/corpus .build/corpus .build/embedded/demo-loader
	$(SWIFT) run --package-path examples/swift --scratch-path .build/examples clock-report
	Scripts/build-fuzzers .build/fuzz .build/debug
	Scripts/fuzz .build/fuzz -runs=10000
	DEMO_LOADER=$(CURDIR)/.build/embedded/demo-loader $(SWIFT) test --skip-build

check: test

# The x86_64 and i386 pages against the kernel's.
bench: demo-packages release
	Scripts/install-packages gcc-12-multilib libc6-dev-i386
	Scripts/bench-pages .build-release/release

# Beside other ways to tell the time and to start programs; writes docs/peers.md and docs/peers.svg.
bench-peers: demo-packages release shim
	Scripts/install-packages musl-tools golang-go faketime hyperfine binutils
	$(RELEASE) --product resolver-bench
	$(RELEASE) --product peer-report
	Scripts/bench-peers .build-release/release $(CURDIR)/.build-release/shim/libvdsoshim.so

# What it costs to start programs each way, and to follow a tree of them.
bench-start: demo-packages release
	Scripts/install-packages faketime binutils
	Scripts/bench-start .build-release/release

# What another time costs, beside faketime.
bench-virtual-time: demo-packages release
	Scripts/install-packages faketime hyperfine
	Scripts/bench-virtual-time .build-release/release

# Programs and waits in other times, beside faketime; their packages take a while to install. The table is docs/virtual-time-matrix.md.
virtual-time-matrix: test-packages release
	Scripts/install-packages faketime default-jdk-headless nodejs git sqlite3 openssl
	Scripts/virtual-time-matrix .build-release/virtual-time .build-release/release/demo-loader docs/virtual-time-matrix.md

# The libc shim's calls beside libc's own, and what preloading it costs.
bench-shim: demo-packages release shim
	Scripts/bench-shim .build-release/shim .build-release/release/demo-loader

# Larger programs under the libc shim; their packages take a while to install.
check-shim-programs: build-packages
	Scripts/install-packages gcc libc6-dev bash python3-minimal perl-base default-jdk-headless nodejs git sqlite3
	$(SWIFT) build --product vdso-image-tool
	Scripts/build-shim .build/shim
	Scripts/check-shim-programs .build/shim

# Real programs directly and under each engine; their packages take a while to install. The table is docs/corpus.md.
corpus: test-packages release
	Scripts/install-packages default-jdk-headless nodejs git sqlite3
	command -v rustc > /dev/null || Scripts/install-packages rustc
	Scripts/corpus .build-release/corpus .build-release/release/demo-loader docs/corpus.md

# The counter clock against the kernel's for SECONDS, with every processor busy; the plot goes to .build-release.
SECONDS ?= 600
clock-quality: demo-packages release
	Scripts/clock-quality .build-release/release $(SECONDS) .build-release/clock-quality.svg

# Each fuzzer for SECONDS; what they find grows in .build/fuzz/corpus.
fuzz: build-packages
	$(SWIFT) build --product vdso-image-tool
	Scripts/build-fuzzers .build/fuzz .build/debug
	Scripts/fuzz .build/fuzz -max_total_time=$(SECONDS)

# Every promise attacked, in the tests' long forms, and each fuzzer for TRUST_SECONDS; prints the figures of docs/reliability.md.
TRUST_SECONDS ?= 60
trust: test-packages
	$(SWIFT) build --build-tests
	Scripts/build-embedded .build/embedded .build/debug
	Scripts/build-shim .build/shim
	Scripts/build-fuzzers .build/fuzz .build/debug
	Scripts/trust .build/fuzz -max_total_time=$(TRUST_SECONDS)

# Opening, resolving and calling through VDSOResolver against a C program that does the same unchecked.
bench-resolver: build-packages
	$(RELEASE) --product resolver-bench
	.build-release/release/resolver-bench

# The libraries' operations, by themselves and against the committed thresholds, which are ratios to a C program's.
BENCHMARK = $(SWIFT) package --package-path Benchmarks --scratch-path .build-benchmarks \
  --allow-writing-to-package-directory benchmark
THRESHOLDS = --no-progress --metric thousandths --path $(CURDIR)/Benchmarks/Thresholds
bench-libraries: build-packages
	$(BENCHMARK) --no-progress --format markdown --path stdout
	# Status 4: better than the thresholds.
	$(BENCHMARK) thresholds check $(THRESHOLDS) || test $$? -eq 4

# For a change that is meant to be slower, or is faster for good.
bench-libraries-thresholds: build-packages
	$(BENCHMARK) thresholds update $(THRESHOLDS)

# The tests of the design document: initialisation, symbol table, mapping, basic calls.
run-vdso: test-packages
	$(SWIFT) test --filter VDSODocumentTests

# The libraries' reference, a site to be served from any web server, in .build/docs; broken links are errors.
DOCUMENTED = ELF AuxvLoader VDSOResolver SimulatedKernel MachInterface SharedTimePages VirtualTime
docs: build-packages
	mkdir -p .build/docs
	$(SWIFT) package --allow-writing-to-directory .build/docs generate-documentation \
	  --enable-experimental-combined-documentation $(DOCUMENTED:%=--target %) --warnings-as-errors \
	  --transform-for-static-hosting --output-path .build/docs/libraries

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Plugins VDSO Embedded Benchmarks examples

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Plugins VDSO Embedded Benchmarks examples

install: release manual shim
	install -D -m 644 .build-release/shim/libvdsoshim.so $(DESTDIR)$(PREFIX)/lib/libvdsoshim.so
	install -D -m 644 .build-release/shim/libvdsoshim.a $(DESTDIR)$(PREFIX)/lib/libvdsoshim.a
	install -D -m 644 Sources/LibcShim/include/vdsoshim.h $(DESTDIR)$(PREFIX)/include/vdsoshim.h
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig
	sed 's|@PREFIX@|$(PREFIX)|' Sources/LibcShim/vdsoshim.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/vdsoshim.pc
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec
	install .build-release/release/demo-loader $(DESTDIR)$(PREFIX)/bin/demo-loader
	install .build-release/release/demo-loader-cli $(DESTDIR)$(PREFIX)/libexec/demo-loader-cli
	strip $(DESTDIR)$(PREFIX)/bin/demo-loader $(DESTDIR)$(PREFIX)/libexec/demo-loader-cli
	install -D -m 644 .build-release/manual/demo-loader.1 $(DESTDIR)$(MANUAL)
	install -D -m 644 .build-release/manual/demo-loader.bash $(DESTDIR)$(BASH_COMPLETION)
	install -D -m 644 .build-release/manual/demo-loader.zsh $(DESTDIR)$(ZSH_COMPLETION)
	install -D -m 644 .build-release/manual/demo-loader.fish $(DESTDIR)$(FISH_COMPLETION)

# The manual page and the shells' completions, from the command's own description.
manual: release
	$(RELEASE) --product generate-manual
	install -d .build-release/manual
	.build-release/release/generate-manual .build-release/release/demo-loader-cli --output-directory .build-release/manual
	for shell in bash zsh fish; do \
	  .build-release/release/demo-loader-cli --generate-completion-script $$shell > .build-release/manual/demo-loader.$$shell; \
	done

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/demo-loader $(DESTDIR)$(PREFIX)/libexec/demo-loader-cli \
	  $(DESTDIR)$(PREFIX)/lib/libvdsoshim.so $(DESTDIR)$(PREFIX)/lib/libvdsoshim.a \
	  $(DESTDIR)$(PREFIX)/include/vdsoshim.h $(DESTDIR)$(PREFIX)/lib/pkgconfig/vdsoshim.pc \
	  $(DESTDIR)$(MANUAL) $(DESTDIR)$(BASH_COMPLETION) $(DESTDIR)$(ZSH_COMPLETION) $(DESTDIR)$(FISH_COMPLETION)

clean:
	rm -rf .build .build-release

build-packages:
	Scripts/install-packages $(BUILD_PACKAGES)

demo-packages:
	Scripts/install-packages $(BUILD_PACKAGES) $(DEMO_PACKAGES)

test-packages:
	Scripts/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
