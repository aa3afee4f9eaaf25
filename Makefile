# SPDX-License-Identifier: Apache-2.0
# `make demo` and `make test` do everything on a fresh Debian 12 machine with Swift 6.3, git and make. Both, and targets that measure,
# install missing packages. Targets that only build install nothing.

PREFIX ?= /usr/local
VERSION = $(shell sed -n 's/^public let version = "\(.*\)"/\1/p' Sources/Launcher/Version.swift)
SWIFT ?= swift
# Scripts call swiftc in PATH, also with `make SWIFT=PATH`.
ifneq ($(findstring /,$(SWIFT)),)
export PATH := $(dir $(SWIFT)):$(PATH)
endif
# Where libraries go; Debian's directory for this machine is $(PREFIX)/lib/$(gcc -print-multiarch).
LIBDIR ?= $(PREFIX)/lib
HEADERS = Sources/LibcShim/include/vdsoshim.h $(addprefix Sources/CVDSO/,vdso.h vdso_clocks.h vdso_session.h)
# The folders where shells and man look below PREFIX.
BASH_COMPLETION = $(PREFIX)/share/bash-completion/completions/demo-loader
ZSH_COMPLETION = $(PREFIX)/share/zsh/site-functions/_demo-loader
FISH_COMPLETION = $(PREFIX)/share/fish/vendor_completions.d/demo-loader.fish
MANUAL = $(PREFIX)/share/man/man1/demo-loader.1
FAKETIME_MANUAL = $(PREFIX)/share/man/man1/vdso-faketime.1
# The images with all symbols, by build identifier: debuggers and profilers look for them below lib/debug.
IMAGE_FILES = .build-release/embedded/images/debug/.build-id
DEBUG_FILES = $$(cd $(IMAGE_FILES) 2> /dev/null && echo */*.debug)
# Where python3 looks below PREFIX, as Debian's does.
PYTHON_VERSION = $(shell python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2> /dev/null)
PYTHON_MODULES ?= $(if $(filter /usr,$(PREFIX)),/usr/lib/python3,$(PREFIX)/lib/python$(PYTHON_VERSION))/dist-packages

BUILD_PACKAGES = libelf-dev zlib1g-dev musl-dev python3-minimal
DEMO_PACKAGES = gcc libc6-dev
# Debian's gcc-multilib, without a version, and its cross compilers exclude each other. The cross compilers' libraries are enough: the
# toolchain's clang compiles for all architectures.
TEST_PACKAGES = gcc g++ libc6-dev elfutils gdb perl-base python3-minimal spin musl-tools busybox-static golang-go qemu-user strace \
  gcc-12 g++-12 gcc-12-multilib g++-12-multilib libc6-dev-i386 libgcc-12-dev-arm64-cross libc6-dev-arm64-cross \
  libgcc-12-dev-riscv64-cross libc6-dev-riscv64-cross libunicorn-dev qemu-system-x86 qemu-system-arm cpio gdb-multiarch tzdata \
  pkg-config cmake libunwind-dev libcap2-bin clang-format shellcheck mandoc bash-completion zsh fish

# Swift's driver leaves empty folders behind; `make clean` removes them from here.
BUILD = TMPDIR=$(CURDIR)/.build/tmp $(SWIFT) build

# A static position-independent executable: see Package.swift. Products that import Foundation can't be built in this way, because
# Scripts/build-foundation puts a module of our own among those of the package.
FOUNDATION = $(CURDIR)/.build-release/foundation
RELEASE = SWIFT_VDSO_FOUNDATION=$(FOUNDATION)/FoundationEssentials.o $(BUILD) -c release --static-swift-stdlib --disable-local-rpath --scratch-path .build-release \
  -Xswiftc -cross-module-optimization -Xswiftc -use-ld=lld

.PHONY: all attach-long build release relink shim demo test tests test-as-user check bench bench-libraries bench-libraries-thresholds bench-peers bench-resolver bench-shim \
  bench-start bench-build bench-virtual-time virtual-time-matrix check-shim-programs corpus odd-programs clock-quality fuzz trust run-vdso mach check-aarch64 foreign-images \
  docs charts order diagrams format lint manual install deb check-deb uninstall clean deps test-deps requirements

all: build

# Packages are installed before a build needs them.
.NOTPARALLEL:

build: requirements
	$(BUILD)

# The launcher and the session's library are Embedded Swift; the program that parses arguments is full Swift.
release: requirements
	Scripts/build-foundation $(FOUNDATION) .build-release/$(shell uname -m)-unknown-linux-gnu/release/Modules
	$(RELEASE) --product demo-loader-cli
	# The plugin's, which has just been built.
	cp .build-release/release/vdso-image-tool-tool .build-release/release/vdso-image-tool
	Scripts/build-embedded .build-release/embedded .build-release/release
	Scripts/build-session .build-release/embedded
	cp .build-release/embedded/demo-loader .build-release/release/demo-loader

# Links both executables again with the libelf.a, libz.a and libc.a in LIBRARIES, as far as it has them: see docs/licenses.md. What
# `release` makes is linked with the system's libraries, because the package manager takes libelf from where its pkg-config file says,
# whatever -L says.
unexport LIBRARIES
relink: release
	@test -n "$(LIBRARIES)" || { echo 'make relink: name the directory of the libraries: make relink LIBRARIES=DIRECTORY' >&2; exit 2; }
	install -d .build-release/relinked
	LIBRARIES=$(abspath $(LIBRARIES)) Scripts/build-embedded .build-release/embedded .build-release/release
	cp .build-release/embedded/demo-loader .build-release/relinked/demo-loader
	printf 'Name: libelf\nDescription: libelf\nVersion: 0\nLibs: -L%s -lelf\n' '$(abspath $(LIBRARIES))' > .build-release/relinked/libelf.pc
	PKG_CONFIG_PATH=$(CURDIR)/.build-release/relinked $(RELEASE) --disable-build-manifest-caching --product demo-loader-cli
	cp .build-release/release/demo-loader-cli .build-release/relinked/demo-loader-cli
	$(RELEASE) --disable-build-manifest-caching --product demo-loader-cli

# The libc shim: libvdsoshim.so and .a.
shim: requirements
	Scripts/build-shim .build-release/shim

demo: deps release
	Scripts/demo .build-release/release

# The tests fail if they leave anything behind.
test: test-deps requirements
	Scripts/check-leftovers $(MAKE) tests

tests: requirements
	Scripts/check-latch-model
	Scripts/check-modules
	$(MAKE) lint
	$(BUILD) --build-tests
	Scripts/api .build/debug/Modules
	Scripts/build-embedded .build/embedded .build/debug
	Scripts/build-session .build/embedded
	Scripts/check-calls .build/calls
	Scripts/build-shim .build/shim
	Scripts/check-shim .build/shim .build/embedded/demo-loader
	Scripts/check-resolver32 .build/resolver32 .build/embedded/demo-loader
	Scripts/corpus .build/corpus .build/embedded/demo-loader
	Scripts/mach .build/mach .build/embedded/demo-loader claims pages || [ $$? = 77 ]
	Scripts/check-aarch64 .build/aarch64 .build/debug || [ $$? = 77 ]
	TMPDIR=$(CURDIR)/.build/tmp $(SWIFT) run --package-path examples/swift --scratch-path .build/examples clock-report
	Scripts/build-fuzzers .build/fuzz .build/debug
	Scripts/fuzz .build/fuzz -runs=10000
	DEMO_LOADER=$(CURDIR)/.build/embedded/demo-loader Scripts/repeat-failures $(SWIFT) test --skip-build

check: test

# Runs the corpus and some tests (all of them with USER_TESTS=.) as an ordinary user, with the products that root has built. If you are an
# ordinary user, `make test` does the same.
USER_TESTS = ProgramTests|StartStateTests|UnusualProgramTests|EngineTests|BadInputTests|TimeChangeTests|SessionFileTests|SessionInterfaceTests
test-as-user: test-deps requirements
	$(BUILD) --build-tests
	Scripts/build-embedded .build/embedded .build/debug
	Scripts/as-user sh -c 'build=$$(mktemp -d) && trap "rm -rf $$build" EXIT && Scripts/corpus "$$build" .build/embedded/demo-loader'
	Scripts/as-user env DEMO_LOADER=$(CURDIR)/.build/embedded/demo-loader \
	  .build/debug/swift-vdsoPackageTests.xctest --testing-library swift-testing --filter '$(USER_TESTS)'

# Compares the x86_64 and i386 pages with the kernel's.
bench: deps release
	Scripts/install-packages gcc-12-multilib libc6-dev-i386
	Scripts/bench-pages .build-release/release

# Compares with other ways to read the time and to start programs; writes docs/peers.md and docs/peers.svg.
bench-peers: deps release shim
	Scripts/install-packages musl-tools golang-go faketime hyperfine binutils
	$(RELEASE) --product resolver-bench
	$(BUILD) --product peer-report
	$(BUILD) --product table-chart
	Scripts/bench-peers .build-release/release $(CURDIR)/.build-release/shim/libvdsoshim.so

# Measures the cost of starting programs in each way, and of following a tree of them.
bench-start: deps release
	Scripts/install-packages faketime binutils musl-tools
	Scripts/bench-start .build-release/release

# Measures a build of 300 C files by make -j2: directly, by faketime, and by demo-loader. Updates docs/performance.md and docs/build.svg.
bench-build: deps release
	Scripts/install-packages faketime
	$(BUILD) --product table-chart
	Scripts/bench-build .build-release/release

# Measures the cost of another time, compared with faketime.
bench-virtual-time: deps release
	Scripts/install-packages faketime hyperfine
	Scripts/bench-virtual-time .build-release/release

# Runs programs and waits in other times, compared with faketime; their packages take a while to install. Writes docs/virtual-time-matrix.md.
virtual-time-matrix: test-deps release
	Scripts/install-packages faketime default-jdk-headless mariadb-server nodejs git sqlite3 openssl postgresql redis-server \
	  nginx-light openssh-server openssh-client cron rsyslog
	Scripts/virtual-time-matrix .build-release/virtual-time .build-release/release/demo-loader docs/virtual-time-matrix.md

# Measures the libc shim's calls, compared with libc's own, and the cost of preloading it.
bench-shim: deps release shim
	Scripts/bench-shim .build-release/shim .build-release/release/demo-loader

# Runs larger programs under the libc shim; their packages take a while to install.
check-shim-programs: requirements
	Scripts/install-packages gcc libc6-dev bash python3-minimal perl-base default-jdk-headless nodejs git sqlite3
	$(BUILD) --product vdso-image-tool
	Scripts/build-shim .build/shim
	Scripts/check-shim-programs .build/shim

# Runs real programs directly and under each engine, as root and as an ordinary user; their packages take a while to install.
# Run it as root; it writes docs/corpus.md.
corpus: test-deps release
	Scripts/install-packages default-jdk-headless nodejs git sqlite3
	command -v rustc > /dev/null || Scripts/install-packages rustc
	Scripts/corpus .build-release/corpus .build-release/release/demo-loader .build-release/corpus/root
	rm -rf .build-release/corpus-user && install -d -m 1777 .build-release/corpus-user
	# rustc may be root's alone.
	install -D -t .build-release/corpus-user/build .build-release/corpus/threads .build-release/corpus/threads-static
	chmod 1777 .build-release/corpus-user/build
	Scripts/as-user Scripts/corpus .build-release/corpus-user/build .build-release/release/demo-loader .build-release/corpus-user/rows
	Scripts/corpus-table .build-release/corpus/root .build-release/corpus-user/rows > docs/corpus.md

# Compares the counter clock with the kernel's for SECONDS, with every processor busy; the plot goes to .build-release.
SECONDS ?= 600
clock-quality: deps release
	Scripts/clock-quality .build-release/release $(SECONDS) .build-release/clock-quality.svg

# Runs each fuzzer for SECONDS; the inputs that they find go to .build/fuzz/corpus.
fuzz: requirements
	$(BUILD) --product vdso-image-tool
	Scripts/build-fuzzers .build/fuzz .build/debug
	Scripts/fuzz .build/fuzz -max_total_time=$(SECONDS)

# Runs odd ELF files, as many as docs/loading.md says, directly and by each engine.
ODD_PROGRAMS = 10000
odd-programs: test-deps requirements
	$(BUILD) --product odd-programs
	$(BUILD) --product demo-loader
	.build/debug/odd-programs .build/debug/demo-loader $(ODD_PROGRAMS)

# Attaches to and detaches running programs ATTACH_COUNT times, one kind after the other, with up to 200 threads, and kills demo-loader at each
# of its system calls.
ATTACH_COUNT ?= 1000
attach-long: test-deps requirements
	$(BUILD) --build-tests
	Scripts/build-embedded .build/embedded .build/debug
	ATTACH_COUNT=$(ATTACH_COUNT) DEMO_LOADER=$(CURDIR)/.build/embedded/demo-loader Scripts/repeat-failures $(SWIFT) test --skip-build --no-parallel --filter 'AttachTests|AttachRuntimeTests'

# Attacks every promise, with the tests' long forms, and runs each fuzzer for TRUST_SECONDS; prints the figures of docs/reliability.md.
TRUST_SECONDS ?= 60
trust: test-deps requirements
	$(BUILD) --build-tests
	Scripts/build-embedded .build/embedded .build/debug
	Scripts/build-shim .build/shim
	Scripts/build-fuzzers .build/fuzz .build/debug
	Scripts/trust .build/fuzz -max_total_time=$(TRUST_SECONDS)

# Compares opening, resolving and calling through VDSOResolver with a C program that does the same unchecked.
bench-resolver: requirements
	Scripts/build-foundation $(FOUNDATION) .build-release/$(shell uname -m)-unknown-linux-gnu/release/Modules
	$(RELEASE) --product resolver-bench
	.build-release/release/resolver-bench

# Measures the libraries' operations and compares them with the committed thresholds, which are ratios to a C program.
BENCHMARK = $(SWIFT) package --package-path Benchmarks --scratch-path .build-benchmarks \
  --allow-writing-to-package-directory benchmark
THRESHOLDS = --no-progress --metric thousandths --path $(CURDIR)/Benchmarks/Thresholds
bench-libraries: requirements
	$(BENCHMARK) --no-progress --format markdown --path stdout
	# Status 4: better than the thresholds.
	$(BENCHMARK) thresholds check $(THRESHOLDS) || test $$? -eq 4

# Updates the thresholds after a change that is meant to be slower, or that makes things faster for good.
bench-libraries-thresholds: requirements
	$(BENCHMARK) thresholds update $(THRESHOLDS)

# The tests of the design document: initialization, symbol table, mapping, basic calls.
run-vdso: test-deps requirements
	$(SWIFT) test --filter VDSODocumentTests

# Runs GNU Mach itself in QEMU: its kernel's answers, and our page in its tasks.
mach: test-deps requirements
	$(BUILD) --product demo-loader-cli
	$(BUILD) --product demo-loader
	Scripts/mach .build/mach .build/debug/demo-loader claims pages long

# The vDSO images of Debian's kernels for other machines: symbols as readelf lists them, and what lint finds. Downloads about 600 MB.
foreign-images: test-deps requirements
	$(BUILD) --product demo-loader-cli
	$(BUILD) --product demo-loader
	Scripts/foreign-images .build/foreign-images .build/debug/demo-loader

# AArch64 as a host, in QEMU: all checks, on kernels with pages of 4 and of 16 KiB.
check-aarch64: test-deps requirements
	$(BUILD) --product vdso-image-tool
	Scripts/check-aarch64 .build/aarch64 .build/debug long

# Writes the libraries' reference to .build/docs, for any web server; broken links are errors.
DOCUMENTED = ELF LinuxTypes MappedELF AuxvLoader ProgramLoader VDSOResolver VDSOCalls SimulatedKernel TimePages MachInterface SharedTimePages \
  VirtualTime
docs: requirements
	mkdir -p .build/docs
	$(SWIFT) package --allow-writing-to-directory .build/docs generate-documentation \
	  --enable-experimental-combined-documentation $(DOCUMENTED:%=--target %) --warnings-as-errors \
	  --transform-for-static-hosting --output-path .build/docs/libraries

# The pictures of documents' tables. Tests compare them.
charts: requirements
	$(BUILD) --product table-chart
	.build/debug/table-chart docs/peers.md docs/peers.svg
	.build/debug/table-chart docs/performance.md docs/build.svg
	.build/debug/table-chart docs/mach.md docs/mach-cost.svg

# Scripts/run-path.order, the order in which the linker puts the functions that a supervisor uses.
order: release
	Scripts/order-functions .build-release/embedded .build-release/release

# The diagrams of docs, from their texts in docs/diagrams.
diagrams:
	Scripts/draw

# What `make lint` looks at, apart from Swift.
C_FILES = $(shell find Benchmarks Embedded Sources Tests VDSO examples -name '.build*' -prune -o \( -name '*.[ch]' -o -name '*.cpp' \) -print)
SHELL_FILES = $(shell grep -lE -d skip '^\#!/bin/(ba)?sh' Scripts/* .ci/*)

format:
	@Scripts/install-packages --check 'make test-deps' clang-format shellcheck
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Plugins VDSO Embedded Benchmarks examples
	@clang-format -i $(C_FILES)
	Scripts/spdx

lint:
	@Scripts/install-packages --check 'make test-deps' clang-format shellcheck
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Plugins VDSO Embedded Benchmarks examples
	@clang-format --dry-run -Werror $(C_FILES)
	@shellcheck -x -S warning $(SHELL_FILES)
	Scripts/spdx --check
	Scripts/check-paths
	Scripts/draw --check

install: release manual shim
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec
	install -s .build-release/release/demo-loader $(DESTDIR)$(PREFIX)/bin/demo-loader
	install -s .build-release/release/demo-loader-cli $(DESTDIR)$(PREFIX)/libexec/demo-loader-cli
	install Scripts/vdso-faketime $(DESTDIR)$(PREFIX)/bin/vdso-faketime
	install -D -m 644 .build-release/embedded/libSessionInterface.so.0 $(DESTDIR)$(LIBDIR)/libSessionInterface.so.0
	install -D -m 644 .build-release/shim/libvdsoshim.so.0 $(DESTDIR)$(LIBDIR)/libvdsoshim.so.0
	for library in SessionInterface vdsoshim; do ln -sf lib$$library.so.0 $(DESTDIR)$(LIBDIR)/lib$$library.so; done
	install -m 644 .build-release/shim/libvdsoshim.a $(DESTDIR)$(LIBDIR)/libvdsoshim.a
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 $(HEADERS) $(DESTDIR)$(PREFIX)/include
	sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' Sources/LibcShim/vdsoshim.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/vdsoshim.pc
	install -D -m 644 Python/vdso_session.py $(DESTDIR)$(PYTHON_MODULES)/vdso_session.py
	install -D -m 644 docs/vdso-faketime.1 $(DESTDIR)$(FAKETIME_MANUAL)
	for file in $(DEBUG_FILES); do install -D -m 644 $(IMAGE_FILES)/$$file $(DESTDIR)$(PREFIX)/lib/debug/.build-id/$$file; done
	install -D -m 644 .build-release/manual/demo-loader.1 $(DESTDIR)$(MANUAL)
	install -D -m 644 .build-release/manual/demo-loader.bash $(DESTDIR)$(BASH_COMPLETION)
	install -D -m 644 .build-release/manual/demo-loader.zsh $(DESTDIR)$(ZSH_COMPLETION)
	install -D -m 644 .build-release/manual/demo-loader.fish $(DESTDIR)$(FISH_COMPLETION)

# A Debian package of what `make install` installs: .build-release/swift-vdso_VERSION_ARCH.deb.
deb: release manual shim
	Scripts/build-deb .build-release

# Checks the package with lintian, installs it in a root of its own, uses it there, and removes it again.
check-deb: deb
	Scripts/install-packages lintian pkg-config gcc libc6-dev
	Scripts/check-deb .build-release

# Makes the manual page and the shells' completions from the command's own description.
manual: release
	install -d .build-release/manual
	Scripts/manual .build-release/release/demo-loader-cli > .build-release/manual/demo-loader.1
	for shell in bash zsh fish; do \
	  Scripts/completions .build-release/release/demo-loader-cli $$shell > .build-release/manual/demo-loader.$$shell; \
	done

uninstall:
	for file in $(DEBUG_FILES); do rm -f $(DESTDIR)$(PREFIX)/lib/debug/.build-id/$$file; done
	rm -f $(DESTDIR)$(PREFIX)/bin/demo-loader $(DESTDIR)$(PREFIX)/bin/vdso-faketime $(DESTDIR)$(PREFIX)/libexec/demo-loader-cli \
	  $(DESTDIR)$(LIBDIR)/libvdsoshim.so $(DESTDIR)$(LIBDIR)/libvdsoshim.so.0 $(DESTDIR)$(LIBDIR)/libvdsoshim.a \
	  $(DESTDIR)$(LIBDIR)/libSessionInterface.so $(DESTDIR)$(LIBDIR)/libSessionInterface.so.0 \
	  $(addprefix $(DESTDIR)$(PREFIX)/include/,$(notdir $(HEADERS))) $(DESTDIR)$(LIBDIR)/pkgconfig/vdsoshim.pc \
	  $(DESTDIR)$(PYTHON_MODULES)/vdso_session.py $(DESTDIR)$(FAKETIME_MANUAL) \
	  $(DESTDIR)$(MANUAL) $(DESTDIR)$(BASH_COMPLETION) $(DESTDIR)$(ZSH_COMPLETION) $(DESTDIR)$(FISH_COMPLETION)

clean:
	rm -rf .build .build-release

# Checks what a build needs, and prints how to get what is missing.
requirements:
	@Scripts/check-swift $(SWIFT)
	@mkdir -p .build/tmp
	@Scripts/install-packages --check 'make deps' $(BUILD_PACKAGES)

# Install the packages for building and for the demo, and those for the tests.
deps:
	Scripts/install-packages $(BUILD_PACKAGES) $(DEMO_PACKAGES)

test-deps:
	Scripts/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
