// SPDX-License-Identifier: Apache-2.0

// One word per bit, lowest first; "-" for a bit without a name.
extension HardwareCapabilities {
  /// CPUID leaf 1, register EDX.
  static let x86: StaticString = """
    fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov \
    pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe
    """

  /// `arch/x86/include/uapi/asm/hwcap2.h`.
  static let x86Second: StaticString = "ring3mwait fsgsbase"

  /// `arch/arm64/include/uapi/asm/hwcap.h`.
  static let aarch64: StaticString = """
    fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm jscvt fcma lrcpc \
    dcpop sha3 sm3 sm4 asimddp sha512 sve asimdfhm dit uscat ilrcpc flagm ssbs sb paca pacg \
    gcs cmpbr fprcvt f8mm8 f8mm4 svef16mm sveeltperm sveaes2 svebfscale sve2p2 sme2p2 smesbitperm smeaes smesfexpa \
    smestmop smesmop4
    """

  static let aarch64Second: StaticString = """
    dcpodp sve2 sveaes svepmull svebitperm svesha3 svesm4 flagm2 frint svei8mm svef32mm svef64mm svebf16 i8mm bf16 dgh \
    rng bti mte ecv afp rpres mte3 sme smei16i64 smef64f64 smei8i32 smef16f32 smeb16f32 smef32f32 smefa64 wfxt \
    ebf16 sveebf16 cssc rprfm sve2p1 sme2 sme2p1 smei16i32 smebi32i32 smeb16b16 smef16f16 mops hbc sveb16b16 lrcpc3 \
    lse128 fpmr lut faminmax f8cvt f8fma f8dp4 f8dp2 f8e4m3 f8e5m2 smelutv2 smef8f16 smef8f32 smesf8fma smesf8dp4 \
    smesf8dp2 poe
    """

  static let aarch64Third: StaticString = "mtefar mtestoreonly lsfe"

  /// The letter of each single-letter extension; multi-letter ones are not in the vector, but in `riscv_hwprobe`.
  static let riscv: StaticString = "a b c d e f g h i j k l m n o p q r s t u v w x y z"
}
