import ArgumentParser

struct Auxv: ParsableCommand {}
