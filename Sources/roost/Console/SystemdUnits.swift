import Foundation
import PipelineFiles

/// Units for systemd, with the paths of this machine filled in.
struct SystemdUnits {
  let program: String
  let folder: String

  init(project: Project, folder: String?) {
    let path = folder ?? project.folder
    self.init(
      program: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        ?? "/usr/local/bin/roost",
      folder: Paths.absolute(path) ?? path)
  }

  init(program: String, folder: String) {
    self.program = Self.escaped(program)
    self.folder = Self.escaped(folder)
  }

  /// A path as a word of a unit.
  private static func escaped(_ path: String) -> String {
    let text = path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("%", with: "%%").replacing("$", with: "$$")
    return path.contains(" ") ? "\"\(text)\"" : text
  }

  private var common: String {
    """
    User=roost
    # SHOP_DATABASE_URL=postgresql://... and the like; mode 0600, owner root.
    EnvironmentFile=/etc/roost.env
    StateDirectory=roost
    Environment=ROOST_STATE_DIR=/var/lib/roost
    NoNewPrivileges=yes
    ProtectSystem=strict
    ProtectHome=read-only
    PrivateTmp=yes
    """
  }

  var service: String {
    """
    # /etc/systemd/system/roost.service
    # systemctl daemon-reload && systemctl enable --now roost
    [Unit]
    Description=Roost: runs pipelines when they are due
    Wants=network-online.target
    After=network-online.target postgresql.service

    [Service]
    Type=exec
    ExecStart=\(program) schedule \(folder)
    \(common)
    # It parks its runs when it is asked to stop.
    KillMode=mixed
    TimeoutStopSec=120
    Restart=always
    RestartSec=10

    [Install]
    WantedBy=multi-user.target

    """
  }

  var onceService: String {
    """
    # /etc/systemd/system/roost-once.service, started by the timer below
    [Unit]
    Description=Roost: runs the pipelines that are due now
    Wants=network-online.target
    After=network-online.target postgresql.service

    [Service]
    Type=oneshot
    ExecStart=\(program) schedule \(folder) --once
    \(common)
    KillMode=mixed
    TimeoutStopSec=120

    """
  }

  var timer: String {
    """
    # /etc/systemd/system/roost-once.timer, instead of roost.service: not both
    # systemctl daemon-reload && systemctl enable --now roost-once.timer
    [Unit]
    Description=Roost: looks every five minutes for pipelines that are due

    [Timer]
    OnCalendar=*:0/5
    AccuracySec=1s
    Persistent=true

    [Install]
    WantedBy=timers.target

    """
  }

  var text: String { [service, onceService, timer].joined(separator: "\n") }
}
