import Foundation
import Recordings
import TestSupport

/// Bytes that hardly compress and are the same in every run (a linear congruential generator, Knuth's MMIX constants).
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 40)
    }
}

/// What a public program makes of `input`.
func output(of program: String, _ arguments: [String], input: [UInt8]) throws -> [UInt8] {
    let run = try Program(program, arguments, input: Data(input))
    guard run.status == 0 else { throw Failure(.fileSystem, "\(program): \(run.errors)") }
    return Array(run.output)
}
