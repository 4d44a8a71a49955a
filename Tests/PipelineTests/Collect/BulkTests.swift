import Foundation
import PlatformSimulator
import Recordings
import TestSupport
import Testing

@testable import Pipeline

/// Bulk downloads must come to what single ones come to.
@Suite struct `The bulk download` {
    private static let yaml = "api:\n  download: bulk\n  bulk_size: 5\n"

    private func single() async throws -> [Recording] {
        Recording.inManifestOrder(try await CollectBench("").collect().part.recordings)
    }

    @Test(arguments: ["filename", "id", "numbered"])
    func `brings the same recordings with fewer requests, however its members are named`(names: String) async throws {
        let collected = try await CollectBench(Self.yaml).collect { simulator in
            simulator.updateAccount { $0.bulk.names = .init(rawValue: names) ?? .filename }
        }
        let expected = try await single()
        #expect(Recording.inManifestOrder(collected.part.recordings) == expected)
        #expect(collected.count(.filesBulk) == 3)
        #expect(collected.count(.audio) == 0)
        #expect(collected.part.sources.map(\.state) == [.complete])
    }

    @Test func `leaves to single downloads what it does not bring`() async throws {
        let collected = try await CollectBench(Self.yaml).collect { simulator in
            simulator.setFaults([Fault(.missingMember(at: 2), at: .filesBulk, count: 1)])
        }
        #expect(Recording.inManifestOrder(collected.part.recordings) == (try await single()))
        #expect(collected.count(.audio) == 1)
    }

    @Test func `leaves to single downloads what came damaged`() async throws {
        let collected = try await CollectBench(Self.yaml).collect { simulator in
            simulator.setFaults([Fault(.corruptBody(at: 2000), at: .filesBulk, count: 1)])
        }
        #expect(Recording.inManifestOrder(collected.part.recordings) == (try await single()))
        #expect(collected.count(.audio) >= 1)
    }

    @Test(arguments: [Fault.Kind.status(404), .status(403), .html])
    func `is given up for good where it has never worked, and that is said once`(kind: Fault.Kind) async throws {
        let runs = try await CollectBench(Self.yaml).collect(refetching: [false, true]) {
            $0.setFaults([Fault(kind, at: .filesBulk)])
        }
        let (first, second) = (runs[0], runs[1])
        #expect(Recording.inManifestOrder(first.part.recordings) == (try await single()))
        #expect(first.count(.filesBulk) == 1)
        #expect(first.logged.count { $0.hasPrefix("warning: the platform's bulk download does not work") } == 1)
        #expect(second.count(.filesBulk) == 0)
        #expect(second.count(.audio) == 12)
        #expect(!second.logged.contains { $0.contains("bulk") })
    }

    @Test func `is tried again after a bad moment`() async throws {
        let runs = try await CollectBench(Self.yaml).collect(refetching: [false, true]) {
            $0.setFaults([Fault(.status(404), at: .filesBulk, skip: 1, count: 2)])
        }
        let (first, second) = (runs[0], runs[1])
        #expect(first.part.recordings.count == 12)
        #expect(first.count(.audio) == 7)
        #expect(second.count(.filesBulk) == 3)
        #expect(second.count(.audio) == 0)
    }
}
