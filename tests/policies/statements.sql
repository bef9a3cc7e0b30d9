-- Statements in the manner of osquery's documentation and of public packs; a statement a line.
SELECT pid, name, path FROM processes WHERE pid > 0 LIMIT 1
SELECT p.pid, p.name, u.username FROM processes p JOIN users u USING (uid) WHERE p.on_disk = 0
SELECT DISTINCT process.name, listening.port, process.pid FROM processes AS process JOIN listening_ports AS listening ON process.pid = listening.pid WHERE listening.address = '0.0.0.0'
SELECT count(1) FROM file WHERE path LIKE '/dev/%'
SELECT path, inode, size, type FROM file WHERE path IN (SELECT '/dev/zero')
SELECT path, mtime, sha256 FROM file JOIN hash USING (path) WHERE file.directory = '/etc' ORDER BY mtime DESC LIMIT 1
SELECT * FROM deb_packages WHERE name = "openssh-server" AND version_compare(version, '1:9.2p1-2', 'DPKG') >= 0
SELECT name, version FROM rpm_packages WHERE name LIKE 'kernel%' AND version < '5.14.0' COLLATE version_rhel
SELECT concat_ws(':', key, subkey) AS k, value FROM plist WHERE path = '/Library/Preferences/com.apple.alf.plist'
SELECT split(address, '.', 0) AS octet FROM interface_addresses WHERE in_cidr_block('10.0.0.0/8', address)
SELECT regex_match(cmdline, '--config[= ](\S+)', 1) AS config FROM processes WHERE name = 'sshd'
SELECT regex_split(path, '/', 1) FROM mounts
SELECT data FROM registry WHERE key LIKE 'HKEY_USERS\%\Software\Microsoft\Windows\CurrentVersion\Run'
SELECT datetime(mtime, 'unixepoch') FROM registry WHERE path = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProductName'
WITH running AS (SELECT name FROM services WHERE status = 'RUNNING') SELECT 1 FROM running WHERE name = 'WinDefend'
SELECT json_extract(json_result, '$.rule[0]') FROM authdb WHERE right_name = 'system.preferences'
SELECT * FROM (SELECT username, max(last_change) FROM shadow GROUP BY username) WHERE username <> 'root'
SELECT CASE WHEN encrypted THEN 'yes' ELSE 'no' END FROM disk_encryption WHERE name = '/dev/sda2'
SELECT 1 FROM os_version WHERE CONCAT(major, '.', minor) >= '13.3' UNION SELECT 1 FROM os_version WHERE platform = 'ubuntu'
SELECT 1 FROM certificates WHERE not_valid_after < CAST(strftime('%s', 'now') AS INTEGER) + 86400 * 30 AND ca = 0 AND path = '/etc/ssl/server.pem'
SELECT name, path FROM launchd WHERE run_at_load = '1' AND program_arguments LIKE '%curl%'
SELECT * FROM startup_items WHERE source LIKE '%Startup%' OR type = 'systemd unit'
SELECT destination, gateway FROM routes WHERE netmask = 0 AND type = 'gateway' ORDER BY metric
SELECT address FROM dns_resolvers WHERE type = 'nameserver' AND address NOT IN ('192.0.2.53')
SELECT group_concat(groupname, ',') FROM groups g JOIN user_groups ug USING (gid) JOIN users u USING (uid) WHERE u.username = 'ada'
SELECT * FROM system_controls WHERE name = 'kernel.yama.ptrace_scope' AND current_value != config_value
SELECT 1 FROM patches WHERE hotfix_id IN ('KB5031455') OR installed_on > '1/1/2024'
SELECT name FROM apps WHERE bundle_short_version < '120.0' AND bundle_identifier = 'org.mozilla.firefox'
SELECT * FROM packages WHERE package_id LIKE 'com.apple.pkg.%'
SELECT label, value FROM augeas WHERE path = '/etc/hosts' AND label = 'ipaddr'
SELECT node, value FROM configurations WHERE path = '/etc/ssh/sshd_config'
SELECT sha1(path), md5(name), sha256(cmdline) FROM processes WHERE pid = 1
SELECT to_base64(name), from_base64('eA=='), conditional_to_base64(name) FROM programs
SELECT community_id_v1(local.address, '192.0.2.1', port, 443, protocol) FROM listening_ports local
SELECT round(100.0 * blocks_available / blocks, 2) AS free FROM mounts WHERE blocks > 0 AND path = '/'
SELECT sqrt(size), log10(size), ceil(size / 3.0), floor(size / 3.0), power(2, 3), pi() FROM kernel_modules
SELECT coalesce(nullif(trim(codename), ''), 'none'), ifnull(build, '-'), iif(major > 11, 'new', 'old') FROM os_version
SELECT row_number() OVER (PARTITION BY chain ORDER BY packets DESC) FROM iptables
SELECT * FROM users CROSS JOIN user_ssh_keys USING (uid) WHERE encrypted = 0
SELECT value FROM json_each('["a", "b"]') WHERE value IN (SELECT name FROM block_devices)
SELECT hex(substr(value, 1, 4)), instr(value, 'x'), replace(value, 'a', 'b'), unicode(value) FROM selinux_settings
SELECT NOT EXISTS (SELECT * FROM apparmor_profiles WHERE mode = 'complain') AS ok
SELECT inet_aton(address) & inet_aton(mask) FROM interface_addresses WHERE interface = 'eth0'
SELECT parent_directory(path) FROM authenticode WHERE path = 'C:\Windows\explorer.exe'
SELECT *, parent FROM windows_updates WHERE locale = 'en-US' AND query = 'a/b'
SELECT * FROM mdm_bridge WHERE mdm_command_input = '<SyncBody/>'
SELECT 1 FROM users u, groups g WHERE u.gid = g.gid AND g.groupname COLLATE NOCASE = 'ADMINISTRATORS'
SELECT (julianday('now') - julianday(not_valid_after, 'unixepoch')) FROM certificates
SELECT 1 FROM cryptsetup_status WHERE name = 'luks-root' AND fullkey = 'type' AND value = 'LUKS2'
SELECT username, authorized_keys.* FROM users CROSS JOIN authorized_keys USING (uid)
SELECT u.username, x.name, x.version FROM users u JOIN chrome_extensions x USING (uid) WHERE x.state = '1'
SELECT 1 FROM npm_packages WHERE name || '@' || version IN ('left-pad@1.3.0', 'a@2')
SELECT s.remote_address, p.name, h.sha256 FROM process_open_sockets s LEFT JOIN processes p ON s.pid = p.pid LEFT JOIN hash h ON p.path = h.path WHERE s.remote_port NOT IN (53, 443) GROUP BY s.remote_address HAVING remote_address != ''
SELECT path FROM file WHERE path LIKE printf('%s/Contents/MacOS/%', '/Applications/Safari.app')
SELECT format('%d.%02d', major, minor) FROM os_version
SELECT name, (SELECT unix_time FROM time) - last_run_time AS since FROM scheduled_tasks WHERE enabled = 1
SELECT *, rowid FROM plist WHERE path = '/Library/Preferences/com.apple.networkextension.plist' AND rowid > 3
WITH words(word, rest) AS (SELECT '', cmdline || ' ' FROM processes UNION ALL SELECT substr(rest, 1, instr(rest, ' ')), substr(rest, instr(rest, ' ') + 1) FROM words WHERE rest <> '') SELECT word FROM words WHERE word LIKE '%.jar'
WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 100) SELECT x FROM n WHERE x NOT IN (SELECT pid FROM processes)
SELECT lag(version) OVER (ORDER BY name), first_value(name) OVER (PARTITION BY type) FROM homebrew_packages
SELECT path, matches FROM yara WHERE path = '/bin/sh' AND sigrule = 'rule a { condition: true }'
SELECT * FROM windows_eventlog WHERE channel = 'Security' AND eventid = 4625
SELECT count(*) AS n FROM Battery WHERE Condition NOT IN ('', 'Normal')
SELECT key, value FROM preferences WHERE domain = 'com.apple.screensaver' AND username = 'ada'
SELECT json_extract(json_extract(json_result, '$.AC Power:'), '$.womp') AS womp FROM pmset WHERE getting = 'custom' AND womp IS NOT '1'
SELECT cve FROM sofa_unpatched_cves WHERE actively_exploited = 'true'
SELECT display_name FROM macos_profiles WHERE verification_state != 'verified'
SELECT CASE n WHEN 2 THEN "TRUE" ELSE "FALSE" END "Vulnerable" FROM (SELECT count(name) AS n FROM services WHERE name = 'Spooler')
SELECT time, data FROM windows_events UNION ALL SELECT time, message FROM syslog_events
SELECT remote_address FROM socket_events WHERE action = 'connect' AND success = 1
SELECT service, client FROM tcc_access WHERE auth_value = 2 AND service = 'kTCCServiceSystemPolicyAllFiles'
SELECT name, wall_time / executions FROM osquery_schedule WHERE executions > 0
SELECT docker.name FROM docker_containers docker WHERE privileged = 1 AND state = "running"
