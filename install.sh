#!/bin/sh
# Installs ECG Edge on a Raspberry Pi or another Debian machine; a second run upgrades it. See --help.
# A failure at any point leaves the old version running: the new one is built beside it, tested, and switched to last.
set -eu
umask 022 # the service runs as another user and must read these files

usage() {
  cat <<'END'
Usage: sudo ./install.sh [--source ads1292|ad8232|simulator]
       sudo ./install.sh --uninstall [--purge]

Installs ECG Edge as a service that starts with the machine, then runs `ecg-edge doctor`. A second run upgrades it and
keeps settings, credentials, models and recordings. Nothing is compiled.

  --source KIND  front end of a first installation (default: ads1292); later change source.kind in the settings
  --uninstall    remove ECG Edge; keep settings, credentials, models and recordings
  --purge        with --uninstall: remove these too, and the service's user

Program    /opt/ecg-edge, /usr/local/bin/ecg-edge       Settings    /etc/ecg-edge/ecg-edge.toml
Service    ecg-edge.service                              Recordings  /var/lib/ecg-edge
Exit code: 0 done, 1 failed (the old version still runs), 2 wrong usage or machine. Failures that `doctor` finds are
shown but do not count: without a broker yet, the installation can still be complete.
END
}

here=$(dirname "$(readlink -f "$0")")
# Python imports from the folder it stands in before anything else: it stands where only root writes, and -I keeps that
# folder and the user's own settings out as well. So what is tested below is what was installed.
cd /
program=/opt/ecg-edge
settings=/etc/ecg-edge/ecg-edge.toml
began_s=$(date +%s)

say() { printf '    %s\n' "$*"; }
fail() { printf 'install: %s\n' "$*" >&2; exit 1; }
wrong() { printf 'install: %s\n' "$*" >&2; exit 2; }
steps=0
step() {
  steps=$((steps + 1))
  printf '[%s/8] %s\n' "$steps" "$*"
}

source=ads1292
action=install
purge=
while [ $# -gt 0 ]; do
  case $1 in
    --source)
      [ $# -gt 1 ] || wrong "--source needs a value: ads1292, ad8232 or simulator"
      source=$2
      shift
      ;;
    --uninstall) action=uninstall ;;
    --purge) purge=yes ;;
    -h | --help) usage && exit 0 ;;
    *) wrong "unknown option $1; see ./install.sh --help" ;;
  esac
  shift
done
case $source in ads1292 | ad8232 | simulator) ;; *) wrong "--source is ads1292, ad8232 or simulator, not $source" ;; esac
[ -z "$purge" ] || [ "$action" = uninstall ] || wrong "--purge needs --uninstall"
[ "$(id -u)" -eq 0 ] || wrong "only root can install: sudo $0"

systemd_runs() { [ -d /run/systemd/system ]; }
in_systemd() { # systemctl, if systemd is running
  if systemd_runs; then systemctl "$@"; fi
}

# Destinations of the files in systemd/.
unit=/etc/systemd/system/ecg-edge.service
users=/etc/sysusers.d/ecg-edge.conf
folders=/etc/tmpfiles.d/ecg-edge.conf
rules=/etc/udev/rules.d/60-ecg-edge.rules
place() { install -D -m 644 "$here/systemd/$1" "$2"; }

# The Pi's boot settings: our lines are between two marks, so that --uninstall can remove them.
boot_file() {
  if [ -f /boot/firmware/config.txt ]; then echo /boot/firmware/config.txt; else ls /boot/config.txt 2> /dev/null || true; fi
}
boot_lines() { sed 's/ *#.*//' "$here/firmware_config/config.txt" | grep .; }
without_ours() { sed '/^# >>> ECG Edge/,/^# <<< ECG Edge/d' "$1"; }
in_force() { # whether a line of config.txt applies to every Pi model; the last line with the same key counts
  sed 's/#.*//; s/[[:space:]]//g' "$1" | awk -v wanted="$2" -v subject="${2%=*}=" '
    /^\[/ { filtered = ($0 != "[all]") }
    !filtered && index($0, subject) == 1 { last = $0 }
    END { exit last != wanted }'
}
replace() { # write a file of the boot partition so that a power cut leaves the old or the new one complete
  cat > "$1.new"
  sync "$1.new"
  mv "$1.new" "$1"
  sync "$1"
}

uninstall() {
  echo "Removing ECG Edge."
  in_systemd disable --now ecg-edge.service || true
  systemd_runs || systemctl disable ecg-edge.service || true
  rm -f "$unit" "$users" "$folders" "$rules"
  in_systemd daemon-reload
  rm -rf "$program" /usr/local/bin/ecg-edge
  boot=$(boot_file)
  if [ -n "$boot" ] && grep -q '^# >>> ECG Edge' "$boot"; then
    without_ours "$boot" | replace "$boot"
    say "Removed the SPI lines from $boot: reboot to turn SPI off."
  fi
  if [ -n "$purge" ]; then
    rm -rf /etc/ecg-edge /var/lib/ecg-edge /var/lib/ecg-edge-models /etc/systemd/system/ecg-edge.service.d
    if getent passwd ecg-edge > /dev/null; then userdel ecg-edge; fi
    say "Removed settings, credentials, models, recordings and the user."
  else
    say "Kept /etc/ecg-edge, /var/lib/ecg-edge, /var/lib/ecg-edge-models and the user ecg-edge; --purge removes them."
  fi
  say "Debian packages stay installed: other programs may use them."
}

if [ "$action" = uninstall ]; then
  uninstall
  exit 0
fi

step "This machine"
command -v apt-get > /dev/null || wrong "this is not Debian or Raspberry Pi OS (there is no apt-get)"
command -v systemd-sysusers > /dev/null || wrong "this machine has no systemd"
architecture=$(dpkg --print-architecture)
case $architecture in
  arm64 | amd64) ;;
  armhf) ;;
  *) wrong "there is no model runtime for $architecture: use the 64-bit Raspberry Pi OS" ;;
esac
installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]; }
missing=
for package in python3-venv python3-spidev; do installed "$package" || missing="$missing $package"; done
# PyPI has no numpy for 32-bit Arm. Debian's fits the runtime there, which needs numpy 1.
if [ "$architecture" = armhf ] && ! installed python3-numpy; then missing="$missing python3-numpy"; fi
# shellcheck disable=SC1091 # a file of the system
say "$(. /etc/os-release && echo "$PRETTY_NAME"), $architecture$(systemd_runs || echo ", systemd not running")"

step "Debian packages"
debian() { DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; }
# RPi.GPIO for the buzzer and the LED: Raspberry Pi OS has one for every Pi, Debian has none.
has_gpio() { installed python3-rpi-lgpio || installed python3-rpi.gpio; }
if [ -n "$missing" ]; then
  apt-get update -q > /dev/null || fail "apt-get update failed: check the network"
  # shellcheck disable=SC2086 # a list of words
  debian $missing > /dev/null || fail "apt-get could not install$missing"
  if ! has_gpio && apt-cache show python3-rpi-lgpio > /dev/null 2>&1; then debian python3-rpi-lgpio > /dev/null; fi
fi
say "${missing:-nothing is missing}"
has_gpio || say "this system has no RPi.GPIO: buzzer and LED do not work"
python3 -I -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' ||
  wrong "$(python3 --version) is not supported: ECG Edge needs Python 3.11 to 3.13 (Bookworm or Trixie)"
if [ "$architecture" = armhf ] && ! python3 -I -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
  wrong "on 32-bit systems the model runtime exists only for Python 3.11 (Bookworm): use the 64-bit Raspberry Pi OS"
fi

step "Virtual environment"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/pyproject.toml")
new=$program/venv-$version-$(date +%Y%m%d%H%M%S)
build=$(mktemp -d)
give_up() { # on any exit before the switch
  rm -rf "$build"
  [ "$(readlink -f "$program/bin" || true)" = "$new/bin" ] || rm -rf "$new"
}
trap give_up EXIT
trap 'exit 1' INT TERM HUP
# Debian's modules are visible: PyPI has no compiled spidev and RPi.GPIO, and no numpy for 32-bit systems.
python3 -I -m venv --system-site-packages "$new"
pip() { "$new/bin/python" -I -m pip --disable-pip-version-check --no-input -q "$@"; }
# The project's own dependencies. pip takes a 32-bit system with a 64-bit kernel for a 64-bit one, so the runtime for
# 32-bit systems is selected here.
requirements() {
  python3 -I - "$here/pyproject.toml" "$architecture" <<'END'
import sys, tomllib
with open(sys.argv[1], "rb") as file:
    project = tomllib.load(file)["project"]
dependencies = project["dependencies"]
if sys.argv[2] == "armhf":
    dependencies = [each for each in dependencies if not each.startswith("ai-edge-litert")]
    dependencies += project["optional-dependencies"]["tflite-runtime"]
print(*dependencies, sep="\n")
END
}
requirements > "$build/requirements.txt"
pip install --no-cache-dir --only-binary :all: -r "$build/requirements.txt" ||
  fail "the Python packages cannot be installed (see above): check the network; nothing has changed"
pip install --no-cache-dir --only-binary :all: 'gpiod>=2.1' || say "no gpiod for this system: pin edges come from RPi.GPIO"
pip install --no-cache-dir --only-binary :all: 'pillow>=10' 'reportlab>=4.2' ||
  say "no Pillow or ReportLab for this system: pictures of the ECG are SVG only"
pip install --no-cache-dir --only-binary :all: 'edfio>=0.4' || say "no edfio for this system: no EDF+ files"
(cd "$here" && cp -R ecg edge reader converter models firmware_config pyproject.toml setup.py README.md LICENSE "$build/")
pip install --no-cache-dir --no-deps "$build" || fail "ECG Edge itself cannot be installed (see above)"
# A test before the switch: every golden beat of the model, on this machine.
"$new/bin/python" -I -c 'from edge.inference import load_classifier; load_classifier("")' ||
  fail "the model does not run here (see above); nothing has changed"
say "$new, Python $(python3 -I -c 'import platform; print(platform.python_version())')"

step "Users, groups, folders, device rights"
place ecg-edge.sysusers "$users"
place ecg-edge.tmpfiles "$folders"
place ecg-edge.rules "$rules"
systemd-sysusers ecg-edge.conf
systemd-tmpfiles --create ecg-edge.conf
if [ -e /run/udev/control ]; then
  udevadm control --reload
  udevadm trigger --subsystem-match=spidev --subsystem-match=gpio
fi
say "$(id ecg-edge)"

step "Settings"
if [ -e "$settings" ]; then
  "$new/bin/ecg-edge" config check "$settings" > /dev/null ||
    fail "the new version refuses the settings (see above): correct $settings first; the old version still runs"
  say "$settings is kept"
else
  id=ecg-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
  "$new/bin/ecg-edge" config default | sed "s/^id = .*/id = \"$id\"/; s/^kind = .*/kind = \"$source\"/" > "$build/new.toml"
  "$new/bin/ecg-edge" config check "$build/new.toml" > /dev/null
  install -m 644 "$build/new.toml" "$settings.new"
  mv "$settings.new" "$settings"
  say "$settings is new, with the pseudonym $id and the source $source"
fi

step "SPI"
reboot=
boot=$(boot_file)
if [ -z "$boot" ]; then
  say "skipped: there is no Raspberry Pi config.txt"
else
  boot_lines > "$build/boot_lines"
  missing_lines=
  while read -r line; do in_force "$boot" "$line" || missing_lines=yes; done < "$build/boot_lines"
  if [ -z "$missing_lines" ]; then
    say "$boot already turns it on"
  else
    [ -e "$boot.before-ecg-edge" ] || cp -p "$boot" "$boot.before-ecg-edge"
    {
      without_ours "$boot"
      printf '# >>> ECG Edge: added by install.sh, removed by install.sh --uninstall\n[all]\n'
      cat "$build/boot_lines"
      echo '# <<< ECG Edge'
    } > "$build/config.txt"
    replace "$boot" < "$build/config.txt"
    reboot=yes
    say "$boot now turns it on; the original is $boot.before-ecg-edge"
  fi
fi

step "Service"
before=$(readlink "$program/bin" || true)
point_to() { # switch /opt/ecg-edge/bin atomically
  ln -sfn "$1" "$program/bin.new"
  mv -T "$program/bin.new" "$program/bin"
}
was_active=
if systemd_runs && systemctl is-active -q ecg-edge.service; then was_active=yes; fi
if [ -e "$unit" ]; then cp "$unit" "$build/unit.before"; fi
place ecg-edge.service "$unit"
sync # the target must be on the card before the link to it
point_to "$new/bin"
ln -sfn "$program/bin/ecg-edge" /usr/local/bin/ecg-edge
in_systemd daemon-reload
systemctl -q enable ecg-edge.service
healthy() { # it becomes ready and has not restarted after 10 s
  systemctl restart ecg-edge.service && sleep 10 && systemctl is-active -q ecg-edge.service &&
    [ "$(systemctl show -P NRestarts ecg-edge.service)" = 0 ]
}
if [ -n "$was_active" ] && ! healthy; then
  journalctl -u ecg-edge.service -n 20 --no-pager -o cat >&2 || true
  [ -n "$before" ] || fail "the new version does not run (see above)"
  point_to "$before"
  cp "$build/unit.before" "$unit"
  systemctl daemon-reload
  systemctl restart ecg-edge.service || true
  fail "the new version does not run (see above): went back to $(dirname "$before")"
fi
# Keep two environments: this one and the previous one.
for old in "$program"/venv-*; do
  [ "$old" = "$new" ] || [ "$old/bin" = "$before" ] || rm -rf "$old"
done
if systemd_runs; then
  say "starts with the machine"
else
  say "starts with the machine; systemd is not running, so the monitor does not run yet"
fi

step "Doctor"
"$program/bin/ecg-edge" doctor "$settings" ||
  say "Correct what failed, then check again: sudo ecg-edge doctor $settings (stop the service to check the front end)"
if [ -n "$reboot" ]; then
  say "REBOOT NOW to turn SPI on and start the monitor. Until then nothing is monitored."
elif systemd_runs && [ -z "$was_active" ]; then
  systemctl restart ecg-edge.service || fail "the service does not start: journalctl -u ecg-edge"
  say "the monitor runs: ecg-edge status; its log: journalctl -u ecg-edge -f"
fi
say "ECG Edge $version is installed, after $(($(date +%s) - began_s)) s."
