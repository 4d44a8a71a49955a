import Foundation
import Recordings
import Testing

@testable import Platform

@Suite("HTTP's rules, as values")
struct HTTPRulesTests {
    /// RFC 9110, section 5.6.7, gives this moment in its three forms; 784111777 is what `date -d … +%s` makes of it.
    @Test(
        "a date is read in all three forms",
        arguments: [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        ]
    )
    func dateForms(text: String) {
        let now = Timestamp(secondsSinceEpoch: 1_522_900_800)
        #expect(HTTPDate.parse(text, now: now) == Timestamp(secondsSinceEpoch: 784_111_777))
    }

    @Test(
        "what is no date is not read",
        arguments: [
            "", "soon", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "1994-11-06T08:49:37Z",
        ]
    )
    func notDates(text: String) {
        #expect(HTTPDate.parse(text, now: Timestamp(secondsSinceEpoch: 0)) == nil)
    }

    @Test("Retry-After is seconds or a date, and never negative")
    func retryAfter() {
        let now = Timestamp(secondsSinceEpoch: 784_111_777)
        #expect(HTTPDate.retryAfter("120", now: now) == 120_000_000_000)
        #expect(HTTPDate.retryAfter(" 0 ", now: now) == 0)
        #expect(HTTPDate.retryAfter("Sun, 06 Nov 1994 08:50:07 GMT", now: now) == 30_000_000_000)
        #expect(HTTPDate.retryAfter("Sun, 06 Nov 1994 08:00:00 GMT", now: now) == 0)
        #expect(HTTPDate.retryAfter("-5", now: now) == nil)
        #expect(HTTPDate.retryAfter("a while", now: now) == nil)
    }

    @Test("an endless number of seconds does not overflow")
    func hugeRetryAfter() {
        let now = Timestamp(secondsSinceEpoch: 0)
        #expect(HTTPDate.retryAfter("99999999999999999999", now: now) == 999_999_999_000_000_000)
    }

    @Test("a strong ETag validates, a weak one does not")
    func etags() {
        let now = Timestamp(secondsSinceEpoch: 0)
        #expect(Validator(["ETag": "\"xyzzy\""], now: now) == .etag("\"xyzzy\""))
        #expect(Validator(["ETag": "W/\"xyzzy\""], now: now) == nil)
        #expect(Validator(["ETag": "xyzzy"], now: now) == nil)
    }

    @Test("Last-Modified validates only when the file had been left alone for a second")
    func lastModified() {
        let now = Timestamp(secondsSinceEpoch: 784_111_777)
        let modified = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(
            Validator(["Last-Modified": modified, "Date": "Sun, 06 Nov 1994 08:49:38 GMT"], now: now)
                == .lastModified(modified)
        )
        #expect(Validator(["Last-Modified": modified, "Date": modified], now: now) == nil)
        #expect(Validator(["Last-Modified": modified], now: now) == nil)
    }

    @Test("Content-Range is read with and without its unknowns, and not when it contradicts itself")
    func contentRange() throws {
        let range = try #require(ContentRange("bytes 42-1233/1234"))
        #expect(range.first == 42)
        #expect(range.total == 1234)
        #expect(ContentRange("bytes 42-1233/*")?.total == nil)
        #expect(ContentRange("bytes */1234")?.first == nil)
        #expect(ContentRange("bytes */1234")?.total == 1234)
        for wrong in ["bytes 42-1234/1234", "bytes 9-8/100", "lines 1-2/3", "bytes", "bytes 1-2", "bytes -5/10"] {
            #expect(ContentRange(wrong) == nil, "\(wrong)")
        }
    }

    @Test("header names have no case")
    func headerNames() {
        var headers: HeaderFields = ["content-LENGTH": "12"]
        #expect(headers.contentLength == 12)
        headers["Content-Length"] = "13"
        #expect(headers.all("CONTENT-length") == ["13"])
    }

    @Test("a type of text is recognised, a type of audio is not taken for one")
    func claims() {
        #expect((["Content-Type": "Text/HTML; charset=utf-8"] as HeaderFields).claimsText)
        #expect((["Content-Type": "application/problem+json"] as HeaderFields).claimsText)
        #expect(!(["Content-Type": "audio/mpeg"] as HeaderFields).claimsText)
        #expect(!([:] as HeaderFields).claimsText)
    }

    @Test("all but unreserved characters are escaped in a form")
    func form() {
        // As Python's urllib.parse.urlencode(…, quote_via=quote) writes it.
        #expect(
            formEncoded([("user name", "a+b@example.com"), ("p", "ü&=%~-._")])
                == "user%20name=a%2Bb%40example.com&p=%C3%BC%26%3D%25~-._"
        )
    }
}

@Suite("Redirects")
struct RedirectTests {
    private let start = URL(string: "https://services.example.com/a/b")

    private func decide(_ status: Int, _ location: String?, method: String = "GET", hops: Int = 0) throws -> Redirect {
        Redirect(
            status: status,
            location: location,
            from: WebRequest(method, try #require(start)),
            hops: hops,
            named: NamedHosts([try #require(start)])
        )
    }

    @Test("a relative and an absolute target are followed", arguments: [301, 302, 303, 307, 308])
    func targets(status: Int) throws {
        #expect(try decide(status, "../c") == .follow(try #require(URL(string: "https://services.example.com/c"))))
        #expect(
            try decide(status, "https://storage.example.net/x?y=1")
                == .follow(try #require(URL(string: "https://storage.example.net/x?y=1")))
        )
    }

    @Test("a redirect from https to http is refused")
    func downgrade() throws {
        guard case .refused(let reason) = try decide(302, "http://services.example.com/a") else {
            Issue.record("it was followed")
            return
        }
        #expect(reason.contains("http"))
    }

    @Test("the sixth redirect is refused")
    func tooMany() throws {
        #expect(try decide(302, "/x", hops: 4) == .follow(try #require(URL(string: "https://services.example.com/x"))))
        if case .follow = try decide(302, "/x", hops: 5) { Issue.record("it was followed") }
    }

    @Test("a redirect to nowhere is refused", arguments: [nil, "", "mailto:a@example.com", "file:///etc/passwd"])
    func nowhere(location: String?) throws {
        if case .follow(let url) = try decide(302, location), url.scheme != "https" { Issue.record("it was followed") }
    }

    @Test("a POST goes on only where it becomes a GET")
    func posts() throws {
        if case .follow = try decide(307, "/x", method: "POST") { Issue.record("it was followed") }
        #expect(
            try decide(303, "/x", method: "POST")
                == .follow(try #require(URL(string: "https://services.example.com/x")))
        )
    }

    @Test("an answer that is no redirect is none", arguments: [200, 206, 300, 304, 404])
    func none(status: Int) throws {
        #expect(try decide(status, "/x") == .none)
    }

    @Test("scheme, host and port make a party; case and default ports do not")
    func origins() throws {
        func origin(_ text: String) throws -> WebOrigin? { WebOrigin(try #require(URL(string: text))) }
        #expect(try origin("https://A.example/x") == origin("https://a.example:443/y?z"))
        #expect(try origin("https://a.example") != origin("http://a.example"))
        #expect(try origin("https://a.example") != origin("https://a.example:8443"))
        #expect(try origin("https://a.example") != origin("https://b.a.example"))
    }

    @Test("a URL is shown without what may be secret in it")
    func shown() throws {
        let url = try #require(URL(string: "https://me:pw@storage.example.net/a/b?signature=abc#x"))
        #expect(url.shown == "https://storage.example.net/a/b")
    }
}

@Suite("Secrets")
struct SecretTests {
    @Test("no way of printing a secret gives it away")
    func printing() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Credentials.password(username: "me", password: secret), to: &dumped)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), dumped,
            "\(Credentials.bearer(secret))", String(reflecting: Credentials.accessToken(id: "id", token: secret)),
        ]
        #expect(texts.allSatisfy { !$0.contains("hunter2") })
    }
}
