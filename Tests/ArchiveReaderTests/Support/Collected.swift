import ArchiveReader
import Foundation
import Recordings
import Synchronization
import TestSupport

/// Keeps what a reader hands on in memory.
final class Collected: MemberSink {
    struct Entry: Sendable {
        var header: MemberHeader
        var bytes: [UInt8] = []
        var outcome: MemberOutcome?

        var isWhole: Bool { outcome == .whole }
    }

    private let list = Mutex<[Entry]>([])
    private let failsAt: Int?

    /// - Parameter failsAt: the entry whose bytes the sink cannot take, as if the disk were full.
    init(failsAt: Int? = nil) { self.failsAt = failsAt }

    /// In the order of the archive.
    var entries: [Entry] { list.withLock { $0 }.sorted { $0.header.index < $1.header.index } }

    func makeLane() -> Lane { Lane(self) }

    final class Lane: MemberLane {
        private let collected: Collected
        private var entry: Entry?

        init(_ collected: Collected) { self.collected = collected }

        func begin(_ header: MemberHeader) throws(Failure) { entry = Entry(header: header) }

        func take(_ bytes: RawSpan) throws(Failure) {
            if entry?.header.index == collected.failsAt { throw Failure(.diskFull, "the disk is full") }
            bytes.withUnsafeBytes { entry?.bytes.append(contentsOf: $0) }
        }

        func end(_ outcome: MemberOutcome) throws(Failure) {
            guard var done = entry else { return }
            done.outcome = outcome
            collected.list.withLock { $0.append(done) }
            entry = nil
        }
    }
}

/// An archive that was read.
struct Reading {
    let report: ArchiveReport
    let entries: [Collected.Entry]

    /// Reads `bytes` as a file of a name that says nothing.
    init(_ bytes: [UInt8], _ change: (inout ArchiveReader.Options) -> Void = { _ in }) throws {
        let folder = try ScratchFolder()
        let path = try folder.write(Data(bytes), to: "archive")
        try self.init(path: path, change)
    }

    init(path: String, _ change: (inout ArchiveReader.Options) -> Void = { _ in }) throws {
        var options = ArchiveReader.Options()
        change(&options)
        let collected = Collected()
        report = try ArchiveReader(options).read(path, into: collected)
        entries = collected.entries
    }

    var names: [String] { entries.map(\.header.name.text) }
    var wholeNames: [String] { entries.filter(\.isWhole).map(\.header.name.text) }

    func bytes(of name: String) -> [UInt8]? {
        entries.first { $0.header.name.text == name }?.bytes
    }

    func outcome(of name: String) -> MemberOutcome? {
        entries.first { $0.header.name.text == name }?.outcome
    }
}

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

func gzip(_ bytes: [UInt8]) throws -> [UInt8] { try output(of: "gzip", ["-nc"], input: bytes) }
