import Foundation
import Recordings
import TestSupport
import Testing

/// A machine whose clock is wrong: the C library's clocks are moved by a small library that is loaded before it.
@Suite(.enabled(if: MovedClock.isAvailable)) struct `A run with a wrong clock` {
    private let place: Workplace
    private let clock: MovedClock

    init() throws {
        place = try Workplace()
        clock = try MovedClock(place.scratch)
        try FileManager.default.createDirectory(atPath: place.scratch.file("drop"), withIntermediateDirectories: true)
        try place.scratch.write(
            """
            vault: \(place.vault)
            timezone: Europe/Berlin
            api: { enabled: false }
            dialer:
              sources:
                - { name: outbound, kind: directory, path: ./drop, pattern: "export-{yyyy}-{MM}-{dd}*" }
            """,
            to: "dialvault.yaml"
        )
        try FileManager.default.copyItem(
            atPath: "\(Places.fixtures)/account/archives/export-2018-04-05.tar",
            toPath: place.scratch.file("drop/export-2018-04-05.tar")
        )
    }

    private func days() throws -> [String] {
        try Program("sh", ["-c", "cd '\(place.vault)' && ls -d [0-9]*/*/*"]).text.split(separator: "\n").map(
            String.init
        )
    }

    @Test(arguments: ["1970-01-01T00:10:00Z", "2011-11-11T11:11:11Z", "2038-01-19T03:14:07Z"])
    func `that cannot be right ends with 1 and a sentence, and publishes nothing`(time: String) throws {
        place.environment = try clock.environment(Samples.time(time))
        for arguments in [["run"], ["run", "yesterday"], ["run", "--dry-run"], ["fetch", "yesterday"]] {
            let run = try Program(
                Places.product("dialvault"),
                arguments,
                in: place.scratch.path,
                environment: place.environment.merging(["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml")]) {
                    $1
                }
            )
            // Before 2010 there is no yesterday to name.
            #expect(run.status == 1 || run.status == 64, "\(arguments): \(run.errors)")
            if run.status == 1 { #expect(run.errors.contains("clock says \(time.prefix(16))"), "\(run.errors)") }
        }
        #expect(!FileManager.default.fileExists(atPath: place.vault))

        place.environment = [:]
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        place.environment = try clock.environment(Samples.time(time))
        #expect(try place.dialvault("run").status == 1)
        #expect(try days() == ["2018/04/05"])
    }

    @Test func `that is before the newest publication ends with 1`() throws {
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        let published = try place.summary().publishedAt
        place.environment = try clock.environment(published.advanced(byMilliseconds: -3_600_000))
        let run = try place.dialvault("run", "2018-04-06")
        #expect(run.status == 1)
        #expect(run.errors.contains("the vault was published to at \(published)"), "\(run.errors)")
        #expect(try days() == ["2018/04/05"])
        // Looking changes nothing, so nothing is refused.
        #expect(try place.dialvault("show", "2018-04-05").status == 0)
    }

    @Test func `that is years after the newest publication is refused when the platform's disagrees`() throws {
        let platform = try RunningPlatform()
        try place.configure(url: platform.url)
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        let published = try place.summary().publishedAt
        place.environment = try clock.environment(published.advanced(byMilliseconds: 3 * 365 * 86_400_000))
        let run = try place.dialvault("run", "2018-04-07")
        #expect(run.status == 1, "\(run.errors)")
        #expect(run.errors.contains("timedatectl set-ntp true"), "\(run.errors)")
        #expect(try !days().contains("2018/04/07"))
    }
}

/// Days that somebody typed, or a clock made, long after anything could be had of them.
@Suite struct `A day of which there never was anything` {
    @Test func `does not begin the days that are due, nor those that count as lost`() throws {
        let place = try Workplace()
        try place.scratch.write(
            """
            vault: \(place.vault)
            timezone: Europe/Berlin
            api: { enabled: false }
            dialer:
              sources:
                - { name: outbound, kind: directory, path: ./drop, pattern: "export-{yyyy}-{MM}-{dd}*" }
            """,
            to: "dialvault.yaml"
        )
        let yesterday = String(try Program("date", ["-d", "yesterday", "+%F"]).text.dropLast())
        try FileManager.default.createDirectory(atPath: place.scratch.file("drop"), withIntermediateDirectories: true)
        for day in ["2011-04-05", "2014-10-26"] { try place.dialvault("run", day) }
        #expect(FileManager.default.fileExists(atPath: place.bag("2011-04-05")))
        func planned() throws -> Int {
            let plan = try place.dialvault("run", "--dry-run", "--json")
            return try #require(Int(try Program("jq", [".days | length"], input: plan.output).text.dropLast()))
        }
        #expect(try planned() == 3, "the days that are looked at again")
        let status = try place.dialvault("status").text
        #expect(!status.contains("lost"), "\(status)")
        #expect(status.contains("u unknown 2"), "\(status)")

        try FileManager.default.copyItem(
            atPath: "\(Places.fixtures)/account/archives/export-2018-04-05.tar",
            toPath: place.scratch.file("drop/export-\(yesterday).tar")
        )
        try place.dialvault("run", yesterday)
        #expect(try planned() == 3)
        #expect(try !place.dialvault("status").text.contains("lost"))
    }
}

/// A library that moves the C library's clocks, for a program that loads it.
struct MovedClock {
    private let library: String

    static let isAvailable = (try? Program("clang", ["--version"]).status) == 0

    init(_ scratch: ScratchFolder) throws {
        let source = try scratch.write(
            """
            #define _GNU_SOURCE
            #include <stdlib.h>
            #include <sys/syscall.h>
            #include <sys/time.h>
            #include <time.h>
            #include <unistd.h>
            static long moved(void) { const char *text = getenv("MOVED_CLOCK"); return text ? atol(text) : 0; }
            int clock_gettime(clockid_t clock, struct timespec *time) {
                int result = syscall(SYS_clock_gettime, clock, time);
                if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += moved();
                return result;
            }
            int gettimeofday(struct timeval *restrict time, void *restrict zone) {
                struct timespec now;
                clock_gettime(CLOCK_REALTIME, &now);
                time->tv_sec = now.tv_sec;
                time->tv_usec = now.tv_nsec / 1000;
                return 0;
            }
            """,
            to: "moved-clock.c"
        )
        library = scratch.file("moved-clock.so")
        let build = try Program("clang", ["-shared", "-fPIC", "-o", library, source])
        precondition(build.status == 0, build.errors)
    }

    /// What a program finds in its environment whose clock says this time.
    func environment(_ time: Timestamp) throws -> [String: String] {
        let offset = time.secondsSinceEpoch - Int64(Date().timeIntervalSince1970)
        return ["LD_PRELOAD": library, "MOVED_CLOCK": "\(offset)"]
    }
}
