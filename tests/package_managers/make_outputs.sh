#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Real dnf/zypper/pacman output from a made-up local repository, for collector fixtures. Debian 12:
#   apt-get install -y --no-install-recommends rpm dnf createrepo-c zypper pacman-package-manager makepkg
# usage: make_outputs.sh WORKDIR OUTDIR
set -euo pipefail
W=$(realpath -m "$1"); O=$(realpath -m "$2"); rm -rf "$W"; mkdir -p "$W"/{spec,inst,repo,root} "$O"
mk() { printf 'Name: %s\nVersion: %s\nRelease: %s\nSummary: test package %s\nLicense: MIT\nBuildArch: noarch\n%%description\nx\n%%files\n' "$1" "$2" "$3" "$1" >"$W/spec/$1.spec"
  rpmbuild -bb --quiet --define "_topdir $W/rb" --define "_rpmdir $W/$4" --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' "$W/spec/$1.spec"; }
mk openssl-libs 3.0.7 16.el9_2 inst; mk bash 5.1.8 6.el9 inst; mk curl 7.76.1 23.el9 inst; mk kernel-core 5.14.0 362.8.1.el9_3 inst
mk openssl-libs 3.0.7 25.el9_3 repo; mk bash 5.1.8 9.el9 repo; mk curl 7.76.1 26.el9_3.2 repo; mk kernel-core 5.14.0 362.18.1.el9_3 repo
upd() { # id type severity title cve name version release reboot
  printf '<update from="sec@example.test" status="final" type="%s" version="1"><id>%s</id><title>%s</title><issued date="2024-01-20 00:00:00"/><updated date="2024-01-20 00:00:00"/><severity>%s</severity><summary>s</summary><description>d</description><references>%s</references><pkglist><collection short="el9"><name>el9</name><package name="%s" version="%s" release="%s" epoch="0" arch="noarch" src="x.src.rpm"><filename>%s-%s-%s.noarch.rpm</filename>%s</package></collection></pkglist></update>\n' \
   "$2" "$1" "$4" "$3" "${5:+<reference href=\"https://example.test/$5\" id=\"$5\" type=\"cve\" title=\"$5\"/>}" "$6" "$7" "$8" "$6" "$7" "$8" "${9:+<reboot_suggested>True</reboot_suggested>}"; }
{ echo '<?xml version="1.0" encoding="UTF-8"?><updates>'
  upd RHSA-2024:0310 security Important 'Important: openssl security update' CVE-2023-5363 openssl-libs 3.0.7 25.el9_3 ''
  upd RHSA-2024:1129 security Moderate  'Moderate: curl security update' CVE-2023-46218 curl 7.76.1 26.el9_3.2 ''
  upd RHBA-2023:6662 bugfix   None      'bash bug fix' '' bash 5.1.8 9.el9 ''
  upd RHSA-2024:0439 security Critical  'Critical: kernel security update' CVE-2023-42753 kernel-core 5.14.0 362.18.1.el9_3 yes
  echo '</updates>'; } >"$W/updateinfo.xml"
createrepo_c -q "$W/repo"; modifyrepo_c --mdtype=updateinfo "$W/updateinfo.xml" "$W/repo/repodata" >/dev/null
R=$W/root; rpm --root "$R" --initdb; rpm --root "$R" -i --nodeps "$W"/inst/*.rpm 2>/dev/null
mkdir -p "$R/etc/yum.repos.d" "$R/etc/zypp/repos.d"
printf '[main]\ngpgcheck=0\n' >"$W/dnf.conf"; printf '[baseos]\nname=baseos\nbaseurl=file://%s/repo\nenabled=1\ngpgcheck=0\n' "$W" >"$R/etc/yum.repos.d/baseos.repo"
D=(dnf -q --config="$W/dnf.conf" --installroot="$R" --setopt=reposdir="$R/etc/yum.repos.d" --releasever=9)
"${D[@]}" updateinfo list --security >"$O/dnf-updateinfo-list-security.txt"; "${D[@]}" updateinfo info --security >"$O/dnf-updateinfo-info-security.txt"
rc=0; "${D[@]}" check-update >"$O/dnf-check-update.txt" || rc=$?; [ $rc = 100 ]     # 100 = updates exist
Z=(zypper --root "$R" --non-interactive --no-gpg-checks); "${Z[@]}" ar -f "file://$W/repo" upd >/dev/null; "${Z[@]}" ref >/dev/null
"${Z[@]}" list-patches --category security >"$O/zypper-list-patches.txt"; "${Z[@]}" --xmlout list-patches >"$O/zypper-list-patches.xml"; "${Z[@]}" --xmlout list-updates >"$O/zypper-list-updates.xml"
rc=0; "${Z[@]}" patch-check >"$O/zypper-patch-check.txt" || rc=$?; [ $rc = 101 ]    # 100 = patches, 101 = security patches
ls -la "$O"
