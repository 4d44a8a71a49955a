extension Configuration {
    /// What `dialvault init` writes: a configuration that needs five values changed, and says what else there is.
    package static let template = """
        # Dialvault. Every key, with its default where it has one. A relative path starts from this file's folder.
        # A key can also be set by the environment: DIALVAULT_VAULT, DIALVAULT_API_TPSLIMIT, DIALVAULT_RETENTION_API_DAYS, …

        vault: /var/lib/dialvault          # the folder that becomes the archive
        timezone: Europe/Berlin            # the account's IANA time zone: it decides which day a call belongs to
        api:
          username: archive@example.com    # a user with manager rights
          password_file: /etc/dialvault/password   # one line, readable by Dialvault's user alone
        dialer:
          sources:
            - name: outbound               # stands in every manifest: choose once
              kind: directory
              path: /srv/drop
              pattern: "outbound-{yyyy}-{MM}-{dd}*.tar.gz"

        # Patterns and URLs know {yyyy} {MM} {dd}, {yyyy-MM-dd} and {epoch} (Unix seconds of the day's local midnight);
        # file names also * ? [abc]. A dot at the start of a name must be written: half-sent files are left alone.

        # group_readable: true             # false: nobody but the owner may read the archive

        # api, further:
        #   enabled: true                  # false: the dialer's archives alone
        #   base_url: https://services.babelforce.com
        #   ca_file: /etc/dialvault/ca.pem # certificates (PEM) trusted besides the system's
        #   tpslimit: 1                    # requests a second, for all processes on the account together
        #   page_size: 100                 # items a page
        #   download: single               # one audio file at a time, as the platform asks for
        # Instead of username and password_file:
        #   access_id: …                   # with access_token_file
        #   bearer_token_file: …           # a token held already
        # Every secret has three ways: password_file, password_command (a command that prints it) and password itself.
        # It can also come from the environment: DIALVAULT_API_PASSWORD, DIALVAULT_API_PASSWORD_FILE, …

        # dialer, further:
        #   sources:
        #     - name: power
        #       kind: https
        #       url: "https://files.example.com/power/{yyyy}{MM}{dd}.zip"
        #       checksum_url: "{url}.sha256"           # where its SHA-256 stands, if anywhere
        #       username: archive                      # and password_file: …
        #       # header: { name: X-Api-Key, value_file: /etc/dialvault/power-key }   # or a header
        #       # platform_auth: true                                                 # or the credentials of `api`
        #       # passphrase_file: /etc/dialvault/power-zip   # for any kind: what its zips are encrypted with
        #       # ignore: ["*.log"]          # for any kind: members that are known to be irrelevant
        #       # ca_file: /etc/dialvault/ca.pem       # certificates (PEM) trusted besides the system's
        #     - name: partner
        #       kind: rclone                           # the installed rclone: SFTP, FTP, S3, Azure, WebDAV, …
        #       remote: "dialer-sftp:out"              # made with: rclone config
        #       pattern: "{yyyy}{MM}{dd}/*.zip"
        #     - name: stored
        #       kind: files                            # the platform's own stored files, with the credentials of `api`
        #       query: "dialer-{yyyy}-{MM}-{dd}"       # a part of their names
        #   on_missing: not-ready          # no archive: it will come. Or empty: there were no calls
        #   ready_by: "06:00"              # local time on the day after; from then on a missing archive is late
        #   filename_patterns: []          # regular expressions with named groups, tried before the built-in ones
        #   sidecar_columns: {}            # headings of CSV and JSON files in the archives that are not found by
        #                                  # themselves: { file: Aufnahme, started_at: Beginn }

        # retention:                       # how long the platform keeps recordings, in days
        #   dialer_days: 30
        #   api_days: 180
        # lookback_days: 3                 # days that a run looks at again for late arrivals

        # limits:                          # what one archive may hold before it is refused
        #   archive_bytes: 200GiB          # unpacked; M is a million, Mi is 1024 * 1024
        #   member_bytes: 2GiB             # of one file in it
        #   members: 2000000
        #   ratio: 200                     # bytes out for each byte in
        #   nesting: 1                     # archives inside archives
        #   allow_rar: false               # RAR archives are read as well; their reader is less robust than the others

        """
}
