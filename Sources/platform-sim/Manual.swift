/// The part of `--help` that says what an account folder holds and what can be made to go wrong.
///
/// Lines stay under 80 columns: the help is not wrapped again.
enum Manual {
    static let text = """
        Prints its base URL on one line when it is ready, and serves until it gets
        SIGTERM or SIGINT. It answers
          POST /oauth/token                 password and refresh_token grants
          /api/v2/recordings                listing, item, tags, flags, bulk
          /recording/ACCOUNT/ID/stream.wav  audio, one at a time
          /api/v2/files                     listing, download, bulk ZIP
          /api/v2/calls/reporting           JSON and CSV
          /api/v2/settings/retention/periods
          /archives/...                     the dialer's archives

        THE ACCOUNT FOLDER (only account.json must be there)
          account.json     {"users": [{"username", "password", "manager"}],
                            "access": [{"id", "token", "manager"}],
                            "bearer_tokens": [], "account_id",
                            "retention": {}, "latency_ms",
                            "token": {"lifetime_seconds", "refresh"},
                            "rate_limit": {"per_second", "burst",
                                           "retry_after_seconds"},
                            "audio": {"parallel", "refusal_status"},
                            "bulk": {"enabled", "method": stored|deflated,
                                     "names": filename|id|numbered},
                            "page": {"default_max", "largest_max",
                                     "order": asc|desc},
                            "archives": {"username", "password",
                                         "header": {"name", "value"},
                                         "platform_auth", "digest"}}
          recordings.json  an array of items as the platform gives them; "audio"
                           names a file in audio/. What is not given is derived
                           (url, _url, state, lastUpdated, tags, file);
                           "omit": ["agent"] leaves fields out
          calls.json       an array of items of the call log
          files.json       an array of stored files; "content" names a file
          faults.json      an array of faults
          audio/           audio files
          archives/        served as they are, with ETag and ranges

        FAULTS
          {"endpoint": "recordings", "match": "page=2", "skip": 0, "count": 1,
           "kind": "status", "status": 503, "retry_after": 2}

          endpoint  token, recordings, recording, recording-flag,
                    recordings-bulk, audio, files, file-download, files-bulk,
                    stored-file, calls, calls-condensed, retention, archive;
                    absent: any
          match     a part of path and query; absent: any
          skip      requests that go well first
          count     requests that are hit; absent: all
          kind      status {status, retry_after, retry_after_form: seconds|date}
                    html                  a web page with status 200
                    hang-up               no answer at all
                    slow-first-byte       {ms or gate}
                    slow-body             {chunk_bytes, ms or gate}
                    cut-body              {after_bytes}
                    wrong-length          {by}
                    corrupt-body          {at}: one bit is flipped
                    wrong-digest          in Repr-Digest or a .sha256 file
                    expired-token         401; the token is over
                    redirect              {to}; absent: the storage host
                    ignore-filters        everything is listed
                    missing-pagination    {fields}
                    wrong-current         {value}
                    shifting-pages        {by}: the first items of a listing are
                                          absent every other time
                    malformed-item        {at, value}
                    duration-in-seconds   instead of milliseconds
                    missing-member        {at}: of the bulk ZIP
                    listing               {keep, pagination, success, message,
                                          same_page}: what a page says of
                                          itself, and how much of it comes
                    answer                {status, headers, body or body_base64}

        WHILE IT RUNS
          GET|DELETE /_sim/requests?endpoint=NAME   every request, with times
          GET /_sim/violations                      what no good client does
          GET|POST|PUT|DELETE /_sim/faults          list, add, replace, remove
          POST /_sim/recordings                     add an item or an array
          PATCH|DELETE /_sim/recordings/ID          lay fields over, remove
          PATCH /_sim/account                       keys of account.json
          POST /_sim/reload                         read the folder again
          POST /_sim/clock                          {"now": TIME} or
                                                    {"advance_seconds": N}
          POST /_sim/tokens/expire?refresh=true     granted tokens are over
          POST /_sim/gates/NAME/open|close
          GET /_sim/gates/NAME/reached?times=1      returns when it is
        """
}
