import ArchiveReader
import Foundation
import Recordings
import Synchronization

/// Takes members and checks what must hold for each, whatever the archive is.
private final class Checked: MemberSink {
    let begun = Atomic<Int>(0)

    func makeLane() -> Lane { Lane(self) }

    final class Lane: MemberLane {
        private let sink: Checked
        private var isOpen = false
        private var sum: UInt8 = 0

        init(_ sink: Checked) { self.sink = sink }

        func begin(_ header: MemberHeader) throws(Failure) {
            precondition(header.name.text.utf8.count <= MemberName.textBytes, "a name is too long to be shown")
            precondition(header.index >= 0)
            sink.begun.add(1, ordering: .relaxed)
            isOpen = true
        }

        func take(_ bytes: RawSpan) throws(Failure) {
            precondition(isOpen, "bytes come outside of a member")
            // Every byte is looked at, so that the address sanitizer sees each.
            for offset in 0..<bytes.byteCount { sum &+= bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
        }

        func end(_ outcome: MemberOutcome) throws(Failure) {
            precondition(isOpen, "a member ends that has not begun")
            isOpen = false
        }
    }
}

/// libFuzzer calls this with one input after the other.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzArchive(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let path = "\(ProcessInfo.processInfo.environment["FUZZ_SCRATCH"] ?? "/dev/shm")/input-\(getpid())"
    let bytes = Data(UnsafeBufferPointer(start: start, count: count))
    guard FileManager.default.createFile(atPath: path, contents: bytes) else { return -1 }
    var options = ArchiveReader.Options()
    options.limits.archiveBytes = 64 << 20
    options.limits.memberBytes = 16 << 20
    options.limits.members = 20_000
    options.passphrase = "secret"
    options.singleFile = .init(name: MemberName(Array("input.gz".utf8)))
    do {
        let checked = Checked()
        let report = try ArchiveReader(options).read(path, into: checked)
        precondition(report.sizeBytes == Int64(count), "the whole file is to be accounted for")
        precondition((report.state == .complete) == (report.detail == nil), "what is not complete says why")
        let begun = checked.begun.load(ordering: .relaxed)
        precondition(
            !report.tally.isFinal || begun == report.tally.expectedRows,
            "the account is not that of the members"
        )
        precondition(report.state != .complete || report.tally.isFinal, "what is complete has a final count")
        _ = try ArchiveReader.kindOfArchive(at: path, head: Array(bytes.prefix(ArchiveReader.kindBytes)))
    } catch {
        preconditionFailure("the host failed: \(error)")
    }
    return 0
}

/// libFuzzer's own entry (FuzzerDriver.cpp, `LLVMFuzzerRunDriver`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The package manager gives each program's `main` the name of its module.
@_cdecl("fuzz_main")
package func fuzzMain(
    _ count: CInt,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    var count = count
    var arguments = arguments
    let isInflate = ProcessInfo.processInfo.environment["FUZZ_TARGET"] == "inflate"
    return runFuzzer(&count, &arguments, isInflate ? fuzzInflate : fuzzArchive)
}
