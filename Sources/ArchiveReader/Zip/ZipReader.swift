import Dispatch
import Recordings

/// Reads a zip of stored and deflated entries, several at the same time.
///
/// The directory says what there is. Each entry's data is checked against its checksum and both of its headers, and every
/// part of the file that no entry covers is searched for entries that the directory does not have: a zip can hold two
/// directories, or one that lies.
struct ZipReader<Sink: MemberSink>: Sendable {
    let file: ArchiveFile
    let directory: ZipDirectory?
    let sink: Sink
    let budget: Budget
    let options: ArchiveReader.Options
    let progress: ReadProgress

    func read() throws(Stop) -> Findings {
        let work = ZipWork(file, directory)
        let helpers = directory == nil ? 0 : max(options.lanes, 1) - 1
        let ended = DispatchSemaphore(value: 0)
        for number in 0..<helpers {
            startThread("archive-zip-\(number + 1)") {
                _ = readEntries(work)
                ended.signal()
            }
        }
        let lane = readEntries(work)
        for _ in 0..<helpers { ended.wait() }
        if let lane, !work.isStopped {
            do throws(Stop) {
                while let job = work.nextAside() { try lane.read(job) }
                try lane.walkGaps(fileSize: file.sizeBytes)
            } catch {
                work.stop(error)
            }
        }
        return try work.result()
    }

    /// Reads entries on this thread until none is left. Returns what read them; nil when it could not be set up.
    private func readEntries(_ work: ZipWork) -> ZipLane<Sink.Lane>? {
        do throws(Stop) {
            let metered = MeteredLane(
                lane: try host { () throws(Failure) in try sink.makeLane() },
                budget: budget,
                progress: progress
            )
            let lane = ZipLane(metered, file, work, options)
            do throws(Stop) {
                while let job = try work.next() { try lane.read(job) }
            } catch {
                work.stop(error)
            }
            return lane
        } catch {
            work.stop(error)
            return nil
        }
    }
}
