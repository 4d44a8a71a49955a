import Foundation
import Recordings

import struct Crypto.SHA256

/// The lines of a file, one after the other, in the memory of one line and one part of the file.
final class LineReader {
    /// More than any row has: a manifest's members are names of 1,024 bytes at most.
    private static let longestLine = 64 << 20

    private let source: any ByteSource
    private let path: String
    private var hash = SHA256()
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    private var unread = 0..<0
    private var hasEnded = false

    init(_ source: any ByteSource, _ path: String) {
        self.source = source
        self.path = path
    }

    /// The next line, without its newline; nil at the end.
    func next() throws(Failure) -> Data? {
        var searched = 0
        while true {
            if let length = newline(behind: searched) {
                let start = unread.lowerBound
                unread = (start + length + 1)..<unread.upperBound
                return Data(buffer[start..<(start + length)])
            }
            searched = unread.count
            guard try more() else { break }
        }
        guard !unread.isEmpty else { return nil }
        defer { unread = 0..<0 }
        return Data(buffer[unread])
    }

    /// The digest of the whole file; to be asked for after the last line.
    func digest() -> Digest { Digest(bytes: hash.finalize()) }

    /// How many bytes of the unread ones lie before the first newline.
    private func newline(behind searched: Int) -> Int? {
        buffer.withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[unread])
            guard searched < rest.count, let base = rest.baseAddress,
                let found = memchr(base + searched, Int32(UInt8(ascii: "\n")), rest.count - searched)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Reads the next part behind what is unread. Returns false at the end.
    private func more() throws(Failure) -> Bool {
        guard !hasEnded else { return false }
        let consumed = unread.lowerBound
        buffer.removeSubrange(..<consumed)
        buffer.append(contentsOf: repeatElement(0, count: consumed))
        unread = 0..<unread.count
        if unread.count == buffer.count {
            guard buffer.count < Self.longestLine else {
                throw Failure(.corrupt, "\(path) has a line of more than \(Self.longestLine) bytes")
            }
            buffer.append(contentsOf: repeatElement(0, count: buffer.count))
        }
        let free = unread.upperBound..<buffer.count
        let result = buffer.withUnsafeMutableBytes { bytes in
            let room = UnsafeMutableRawBufferPointer(rebasing: bytes[free])
            return Result { () throws(Failure) in
                let count = try source.read(into: room)
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: room[..<count]))
                return count
            }
        }
        let count = try result.get()
        unread = 0..<(unread.count + count)
        hasEnded = count == 0
        return count > 0
    }
}
