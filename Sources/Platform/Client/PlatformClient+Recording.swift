import Foundation
package import Recordings

extension PlatformClient {
    /// One recording by its id; nil when the platform has none.
    ///
    /// - Throws: `Failure` with code `credentials`, `unreachable` or `badAnswer`.
    package func recording(_ id: RecordingID) async throws -> ListedRecording? {
        // An id is letters, digits, `-` and `_`, so it is a part of a path as it stands.
        let path = "/api/v2/recordings/\(id)"
        let answer: JSONValue
        do {
            answer = try await json(path)
        } catch let refusal as Refused {
            guard refusal.status == 404 || refusal.status == 410 else { throw refusal.failure }
            return nil
        }
        switch ListedRecording.read(answer["item"]) {
        case .success(let recording) where recording.id == id: return recording
        case .success(let other):
            throw Failure(.badAnswer, "\(address(path).shown) answers with another recording, \(other.id)")
        case .failure(let problem):
            throw Failure(.badAnswer, "\(address(path).shown) answers with something else: \(problem.detail)")
        }
    }
}
