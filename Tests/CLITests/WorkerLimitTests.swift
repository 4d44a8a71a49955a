import Foundation
import Recordings
import TestSupport
import Testing

/// The process that reads an archive, on archives that take more than they are given.
@Suite struct `The unpack worker` {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    /// Runs a Python script that makes `out`, and the worker on it.
    private func work(_ script: String, memoryBytes: Int64 = 1 << 30, cpuSeconds: Int = 600) throws -> Program {
        let made = try Program("python3", ["-c", script], in: scratch.path)
        try #require(made.status == 0, "\(made.errors)")
        let request = """
            {"archivePath": "\(scratch.file("out"))", "archiveName": "out", "blobsFolder": "\(scratch.file("w/blobs"))",
             "rowsPath": "\(scratch.file("w/rows.jsonl"))", "timeZone": "UTC", "lanes": 2, "allowsRAR": false,
             "modes": {"directory": 488, "sealed": 288, "working": 416},
             "limits": {"archiveBytes": 1099511627776, "memberBytes": 1099511627776, "members": 1000, "ratio": 1000000,
                        "ratioAllowance": 1099511627776, "nesting": 1, "nameBytes": 65535},
             "memoryBytes": \(memoryBytes), "cpuSeconds": \(cpuSeconds)}
            """
        return try Program(Places.product("dialvault"), ["unpack-worker"], input: Data(request.utf8))
    }

    @Test(.disabled(if: isSanitized, "a sanitizer's notes would count"))
    func `refuses an archive that wants more memory than it may have`() throws {
        // The dictionary's size is the fifth byte of the block's header (The .xz File Format, sections 3.1 and 5.3.1):
        // 36 is a gibibyte, which the decoder takes before the first byte comes out.
        let script = """
            import lzma, tarfile, io, zlib, struct
            b = io.BytesIO(); t = tarfile.open(fileobj=b, mode="w"); i = tarfile.TarInfo("a"); i.size = 4
            t.addfile(i, io.BytesIO(b"evil")); t.close()
            x = bytearray(lzma.compress(b.getvalue())); size = (x[12] + 1) * 4
            x[16] = 36; x[12 + size - 4:12 + size] = struct.pack("<I", zlib.crc32(x[12:12 + size - 4]))
            open("out", "wb").write(x)
            """
        let small = try work(script, memoryBytes: 256 << 20)
        #expect(small.status == 0, "\(small.errors)")
        #expect(small.text.contains(#""state":"unreadable""#), "\(small.text)")
        // The same archive with the memory that it wants is whole.
        #expect(try work(script, memoryBytes: 4 << 30).text.contains(#""state":"complete""#))
    }

    @Test func `is ended by the system when it takes too much processor time`() throws {
        let script = """
            import gzip, tarfile, io
            class Zeros(io.RawIOBase):
                def read(self, n=-1): return bytes(n)
            with gzip.open("out", "wb", 1) as g:
                t = tarfile.open(fileobj=g, mode="w|"); i = tarfile.TarInfo("zeros"); i.size = 6 << 30
                g.write(i.tobuf()); block = bytes(16 << 20)
                for n in range(96): g.write(block)
            """
        let run = try work(script, cpuSeconds: 1)
        // The second limit, some seconds later, is for who was started with that signal ignored.
        #expect([128 + SIGXCPU, 128 + SIGKILL].contains(run.status), "\(run.text)")
        // What it leaves is in its own folder.
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == ["out", "w"])
    }
}
