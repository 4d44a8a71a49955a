import Foundation
import PlatformSimulator
import Recordings
import Testing

@Suite("Stored files, call log, settings")
struct FilesTests {
    private func account() -> Account {
        var account = Account.sample()
        account.files = [
            Account.StoredFile(
                fields: ["id": "f1", "type": "backup", "dateCreated": "2018-04-06T03:00:00.000Z"],
                content: .bytes(Data("archive".utf8)),
                contentName: "archives/dialer-2018-04-05.tar.gz"
            )
        ]
        return account
    }

    @Test("The list is searched by type and by a part of the name")
    func list() async throws {
        try await withSimulator(account()) { simulator async throws in
            let url = simulator.baseURL + "/api/v2/files"
            #expect(try await Client.send(url).items().count == 4)
            let found = try await Client.send(url + "?type=backup&q=dialer-2018-04-05").items()
            #expect(found.map { $0["filename"]?.text } == ["dialer-2018-04-05.tar.gz"])
            #expect(found.first?["size"]?.integer == 7)
            #expect(found.first?["contentType"]?.text == "application/gzip")
        }
    }

    @Test("A download is redirected to another host, where no credentials are needed")
    func download() async throws {
        try await withSimulator(account()) { simulator async throws in
            let redirect = try await Client.send(simulator.baseURL + "/api/v2/files/f1/download")
            #expect(redirect.status == 302)
            let location = try #require(redirect.headers["location"])
            #expect(location.hasPrefix(simulator.storageURL + "/"))
            #expect(URL(string: location)?.host() != URL(string: simulator.baseURL)?.host())
            #expect(try await Client.send(location, headers: [:]).text == "archive")
            #expect(simulator.violations().isEmpty)
        }
    }

    @Test("Credentials that reach the storage host are a violation, and the log does not hold them")
    func leakedCredentials() async throws {
        try await withSimulator(account()) { simulator async throws in
            let redirect = try await Client.send(simulator.baseURL + "/api/v2/files/f1/download")
            let location = try #require(redirect.headers["location"])
            _ = try await Client.send(location)
            #expect(simulator.violations().map(\.kind) == [.credentialsElsewhere])
            let log = try await Client.send(simulator.baseURL + "/_sim/requests", headers: [:]).text
            #expect(log.contains(#""credentials":"access-id""#))
            #expect(!log.contains("tin opener"))
            #expect(!log.contains(location.suffix(8)))
        }
    }

    @Test("A storage URL without its signature, or after its time, is refused")
    func signature() async throws {
        try await withSimulator(account()) { simulator async throws in
            let redirect = try await Client.send(simulator.baseURL + "/api/v2/files/f1/download")
            let location = try #require(redirect.headers["location"])
            #expect(try await Client.send(location + "0", headers: [:]).status == 403)
            simulator.advanceClock(bySeconds: 301)
            #expect(try await Client.send(location, headers: [:]).status == 403)
        }
    }

    @Test("The bulk download gives one ZIP, by GET and by POST")
    func bulk() async throws {
        try await withSimulator(account()) { simulator async throws in
            let files = try await Client.send(simulator.baseURL + "/api/v2/files?type=recording").ids()
            let url = simulator.baseURL + "/api/v2/files/bulk/download"
            let byGet = try await Client.send(url + "?ids=" + files.joined(separator: ","))
            let list = files.map { "\"\($0)\"" }.joined(separator: ",")
            let byPost = try await Client.send("POST", url, body: "{\"ids\":[\(list)]}")
            #expect(byGet.headers["content-type"] == "application/zip")
            #expect(byGet.body.starts(with: Data("PK\u{3}\u{4}".utf8)))
            #expect(byGet.body == byPost.body)
            #expect(try await Client.send(url + "?ids=nothing").status == 404)
        }
    }

    @Test("The call log is filtered by time and source, and comes as CSV when asked")
    func calls() async throws {
        var account = Account.sample()
        account.calls = [
            [
                "id": "c1", "dateCreated": "2018-04-05T00:00:00.000Z", "type": "inbound", "source": "queue",
                "duration": 12, "bridged": ["queueName": "Sales, EU"], "recordings": ["r01"],
            ],
            ["id": "c2", "dateCreated": "2018-04-05T00:01:00.000Z", "type": "outbound", "source": "dialer"],
            ["id": "c3", "dateCreated": "2018-04-06T00:00:00.000Z", "type": "outbound", "source": "api"],
        ]
        try await withSimulator(account) { simulator async throws in
            let url = simulator.baseURL + "/api/v2/calls/reporting"
            let day = "time.start=\(dayStart)&time.end=\(dayStart + 86_399)"
            #expect(try await Client.send("\(url)?\(day)").ids() == ["c1", "c2"])
            #expect(try await Client.send("\(url)?filters.source=queue").ids() == ["c1"])
            #expect(try await Client.send("\(url)/dialer").ids() == ["c2"])
            #expect(try await Client.send("\(url)/outbound").ids() == ["c3"])
            let csv = try await Client.send("\(url)?format=csv&source=queue")
            #expect(csv.headers["content-type"]?.hasPrefix("text/csv") == true)
            let lines = csv.text.split(separator: "\r\n")
            #expect(lines.count == 2)
            #expect(lines.last?.contains(#","Sales, EU","#) == true)
        }
    }

    @Test("The retention settings come in the documented shape")
    func retention() async throws {
        try await withSimulator { simulator async throws in
            let item = try await Client.send(simulator.baseURL + "/api/v2/settings/retention/periods").json()["item"]
            #expect(item?["scope"] == "retention")
            #expect(item?["key"] == "periods")
            #expect(item?["data"]?["recordingFiles"]?.integer == 180)
        }
    }
}

@Suite("The dialer's archives")
struct ArchiveTests {
    private func account() -> Account {
        var account = Account.sample()
        account.archives = ["power/20180405.zip": .bytes(Data("0123456789".utf8))]
        return account
    }

    @Test("An archive is served with length and validators; a part with a matching If-Range, all without")
    func ranges() async throws {
        try await withSimulator(account()) { simulator async throws in
            let url = simulator.baseURL + "/archives/power/20180405.zip"
            let head = try await Client.send("HEAD", url, headers: [:])
            #expect(head.headers["content-length"] == "10")
            let etag = try #require(head.headers["etag"])
            #expect(head.headers["last-modified"] != nil)

            let part = try await Client.send(url, headers: ["Range": "bytes=4-", "If-Range": etag])
            #expect(part.status == 206)
            #expect(part.headers["content-range"] == "bytes 4-9/10")
            #expect(part.text == "456789")
            let whole = try await Client.send(url, headers: ["Range": "bytes=4-", "If-Range": "\"old\""])
            #expect(whole.status == 200)
            #expect(whole.text == "0123456789")
        }
    }

    @Test("What is not there is 404, and nothing outside the folder is there")
    func missing() async throws {
        try await withTemporaryFolder { folder in
            let archives = folder.appendingPathComponent("archives")
            try FileManager.default.createDirectory(at: archives, withIntermediateDirectories: true)
            try Data("secret".utf8).write(to: folder.appendingPathComponent("account.json"))
            try Data("inside".utf8).write(to: archives.appendingPathComponent("a.tar"))
            var account = Account.sample()
            account.archivesFolder = archives.path
            try await withSimulator(account) { simulator async throws in
                let base = simulator.baseURL + "/archives/"
                #expect(try await Client.send(base + "a.tar", headers: [:]).text == "inside")
                for path in ["b.tar", "..%2Faccount.json", "%2e%2e/account.json", "../archives/../account.json"] {
                    #expect(try await Client.send(base + path, headers: [:]).status == 404)
                }
            }
        }
    }

    @Test("Basic credentials or a header can be asked for")
    func credentials() async throws {
        var account = account()
        account.archiveAccess.basic = Account.User(username: "drop", password: "pass")
        account.archiveAccess.header = .init(name: "X-Drop-Key", value: "key")
        try await withSimulator(account) { simulator async throws in
            let url = simulator.baseURL + "/archives/power/20180405.zip"
            // printf drop:pass | base64
            let basic = ["Authorization": "Basic ZHJvcDpwYXNz"]
            #expect(try await Client.send(url, headers: basic).status == 401)
            let both = basic.merging(["X-Drop-Key": "key"]) { $1 }
            #expect(try await Client.send(url, headers: both).status == 200)
            #expect(simulator.violations().isEmpty)
        }
    }

    @Test("The account's own credentials with an open archive are a violation")
    func leaked() async throws {
        try await withSimulator(account()) { simulator async throws in
            _ = try await Client.send(simulator.baseURL + "/archives/power/20180405.zip")
            #expect(simulator.violations().map(\.kind) == [.credentialsElsewhere])
        }
    }

    @Test("A digest goes with the archive when the account says so")
    func digest() async throws {
        var account = account()
        account.archiveAccess.sendsDigest = true
        try await withSimulator(account) { simulator async throws in
            let reply = try await Client.send(simulator.baseURL + "/archives/power/20180405.zip", headers: [:])
            // printf 0123456789 | openssl dgst -sha256 -binary | base64
            #expect(reply.headers["repr-digest"] == "sha-256=:hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII=:")
        }
    }
}
