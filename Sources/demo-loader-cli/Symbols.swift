import ArgumentParser

struct Symbols: ParsableCommand {}
