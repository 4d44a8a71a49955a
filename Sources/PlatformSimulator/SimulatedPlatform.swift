import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Recordings
import Synchronization

/// What all connections share: the account's state behind a lock, the clock, the gates and the log file.
final class SimulatedPlatform: Sendable {
    private let state: Mutex<AccountState>
    let clock: any SimulatorClock
    let gates = Gates()
    /// Where the account was read from; nil when it was built in code.
    let folder: URL?
    private let logFile: LogFile?
    private let watchers = Mutex<[Watcher]>([])

    /// Someone who waits for the log to show something.
    private struct Watcher {
        let isContent: @Sendable (RequestLog) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    init(state: AccountState, clock: any SimulatorClock, folder: URL?, logFile: LogFile?) {
        self.state = Mutex(state)
        self.clock = clock
        self.folder = folder
        self.logFile = logFile
    }

    func withState<Result: Sendable>(_ body: (inout sending AccountState) throws -> Result) rethrows -> Result {
        try state.withLock { try body(&$0) }
    }

    /// The wall clock as the account sees it, in milliseconds.
    private func wall(_ state: AccountState) -> Int64 {
        clock.wallMilliseconds + state.clockOffsetMilliseconds
    }

    /// Answers a request: admission, latency, the answer, and what faults make of it.
    ///
    /// - Parameter connection: closes when the client goes away.
    func answer(_ incoming: Incoming, connection: any NIOCore.Channel) async throws -> Response {
        let route = Route(path: incoming.path)
        if case .control(let path) = route {
            return try render(await control(path, incoming), number: nil, isHead: incoming.method == "HEAD")
        }
        let (admission, latency) = withState { state in
            let admission = state.admit(
                incoming,
                route: route,
                monotonic: clock.monotonicNanoseconds,
                wall: wall(state)
            )
            return (admission, incoming.listener == .platform ? state.account.latencyMilliseconds : 0)
        }
        notifyWatchers()
        let number = admission.number
        connection.closeFuture.whenComplete { _ in
            self.gates.abandon(request: number)
            self.end(number, .aborted, bytes: nil)
        }
        if latency > 0 { try await clock.sleep(milliseconds: latency) }
        for case .slowFirstByte(let delay) in admission.hits.map(\.fault.kind) { try await wait(delay, number) }
        let answer =
            admission.answer
            ?? withState { $0.answer(incoming, route: route, hits: admission.hits, wall: wall($0)) }
        if answer.hangsUp {
            end(number, .cut, bytes: 0)
            try await connection.close()
            throw ConnectionCut()
        }
        return try render(answer.bent(by: admission.hits), number: number, isHead: incoming.method == "HEAD")
    }

    /// The request is over; later calls for the same one change nothing.
    private func end(_ number: Int?, _ outcome: LoggedRequest.Outcome, bytes: Int64?) {
        guard let number else { return }
        let entry = withState {
            $0.end(number, outcome: outcome, bytes: bytes, monotonic: clock.monotonicNanoseconds)
        }
        guard let entry else { return }
        logFile?.append(entry)
        notifyWatchers()
    }

    /// Returns when the log satisfies the condition.
    func untilLog(_ isContent: @escaping @Sendable (RequestLog) -> Bool) async {
        await withCheckedContinuation { continuation in
            watchers.withLock { $0.append(Watcher(isContent: isContent, continuation: continuation)) }
            notifyWatchers()
        }
    }

    private func notifyWatchers() {
        guard watchers.withLock({ !$0.isEmpty }) else { return }
        let log = withState { $0.log }
        let content = watchers.withLock { watchers in
            let content = watchers.filter { $0.isContent(log) }
            watchers.removeAll { $0.isContent(log) }
            return content.map(\.continuation)
        }
        for continuation in content { continuation.resume() }
    }

    private func wait(_ delay: Fault.Delay, _ number: Int) async throws {
        switch delay {
        case .milliseconds(let milliseconds): try await clock.sleep(milliseconds: milliseconds)
        case .gate(let name): await gates.pass(name, request: number)
        }
    }
}

// MARK: - Writing the answer

/// Thrown to make the server close a connection in the middle of an answer.
private struct ConnectionCut: Error {}

extension SimulatedPlatform {
    private func render(_ answer: Answer, number: Int?, isHead: Bool) throws -> Response {
        var response = Response(status: .init(code: answer.status), headers: fields(of: answer))
        let now = clock.monotonicNanoseconds
        if let number {
            withState { state in
                state.log.update(number) {
                    $0.status = answer.status
                    $0.answeredNanoseconds = now
                }
            }
        }
        if isHead {
            end(number, .complete, bytes: 0)
        } else if answer.isPlain, case .data(let data) = answer.body {
            end(number, .complete, bytes: Int64(data.count))
            response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: data))
        } else {
            response.body = ResponseBody(contentLength: answer.declaredLength) { [self] writer in
                try await write(answer, number: number, to: &writer)
            }
        }
        return response
    }

    private func fields(of answer: Answer) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        if let length = answer.declaredLength { fields[.contentLength] = String(length) }
        if answer.cutAfterBytes != nil || answer.lengthError != 0 { fields[.connection] = "close" }
        return fields
    }

    /// Writes the body piece by piece; the request ends before the last piece goes out, so that nothing that a client
    /// does after its answer can come before the end in the log.
    @concurrent
    private func write(_ answer: Answer, number: Int?, to writer: inout any ResponseBodyWriter) async throws {
        var written: Int64 = 0
        do {
            var pieces = try BodyPieces(answer)
            var upcoming = try pieces.next()
            while let piece = upcoming {
                upcoming = try pieces.next()
                if upcoming == nil, answer.cutAfterBytes == nil {
                    end(number, .complete, bytes: written + Int64(piece.count))
                }
                try await writer.write(ByteBuffer(bytes: piece))
                written += Int64(piece.count)
                if let number { withState { $0.log.update(number) { $0.bytes = written } } }
                if let pause = answer.pause, let number, upcoming != nil { try await wait(pause.delay, number) }
            }
            end(number, answer.cutAfterBytes == nil ? .complete : .cut, bytes: written)
        } catch {
            end(number, .aborted, bytes: written)
            throw error
        }
        guard answer.cutAfterBytes == nil, answer.lengthError == 0 else { throw ConnectionCut() }
        try await writer.finish(nil)
    }
}

extension Answer {
    /// What `Content-Length` says; nil for none.
    fileprivate var declaredLength: Int? {
        length.map { Int(max(0, $0 + lengthError)) }
    }
}

/// The pieces of an answer's body as they go out: small enough for the pauses, spoilt and cut as the faults say.
private struct BodyPieces {
    private var reader: BodyReader
    private let answer: Answer
    private var rest = Data()
    private var position: Int64 = 0

    init(_ answer: Answer) throws {
        self.answer = answer
        reader = try BodyReader(answer.body)
    }

    mutating func next() throws -> Data? {
        if rest.isEmpty, let piece = try reader.next() { rest = piece }
        var piece = rest
        if let chunk = answer.pause?.chunkBytes { piece = piece.prefix(chunk) }
        if let limit = answer.cutAfterBytes { piece = piece.prefix(Int(max(0, limit - position))) }
        guard !piece.isEmpty else { return nil }
        rest = rest.dropFirst(piece.count)
        var bytes = Data(piece)
        for corrupt in answer.corruptBytes where corrupt >= position && corrupt < position + Int64(bytes.count) {
            bytes[Int(corrupt - position)] ^= 0x10
        }
        position += Int64(bytes.count)
        return bytes
    }
}
