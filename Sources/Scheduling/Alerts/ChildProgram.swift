import Foundation

/// A program that is given a text on standard input. No shell comes between, so nothing in its
/// arguments means anything but itself.
struct ChildProgram {
  let command: [String]
  /// What it finds in its environment: never all that roost has, where every connection's secret is.
  var environment = ChildEnvironment.common
  /// In seconds; it is killed then.
  var timeout = 30.0

  /// The program as messages name it. Whoever writes a whole command where its program is wanted may
  /// have written a secret.
  private var name: String {
    let isPath = command[0].unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil
        || "/._-+".unicodeScalars.contains($0)
    }
    return isPath ? command[0] : "the command"
  }

  /// Runs it to its end. Blocks the thread.
  /// - Throws: `AlertTrouble` where it cannot be started, says no, or takes too long.
  func run(input: String) throws {
    // A file, because a pipe whose reader goes away kills the writer.
    guard let file = tmpfile() else { throw AlertTrouble("no temporary file can be made") }
    defer { fclose(file) }
    let bytes = Array(input.utf8)
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0 else {
      throw AlertTrouble("a temporary file cannot be written")
    }
    rewind(file)
    let process = try start(fileno(file))
    let deadline = ContinuousClock.now + .seconds(timeout)
    var status: Int32 = 0
    while true {
      let ended = waitpid(process, &status, WNOHANG)
      if ended == process { break }
      if ended == -1, errno != EINTR { throw AlertTrouble("\(name) cannot be waited for") }
      if ContinuousClock.now > deadline {
        // With all that it started.
        kill(-process, SIGKILL)
        waitpid(process, &status, 0)
        throw AlertTrouble("\(name) took longer than \(Int(timeout)) s")
      }
      usleep(5000)
    }
    let code = (status >> 8) & 0xff
    if status & 0x7f != 0 {
      throw AlertTrouble("\(name) was ended by signal \(status & 0x7f)")
    }
    if code != 0 { throw AlertTrouble("\(name) ended with \(code)") }
  }

  private func start(_ input: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own, and signals as programs expect them: we ignore some.
    var defaults = sigset_t()
    sigfillset(&defaults)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigmask(&attributes, &mask)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    let words = command.map { strdup($0) }
    let variables = environment.map { strdup("\($0.key)=\($0.value)") }
    defer { for word in words + variables { free(word) } }
    var process: pid_t = 0
    let problem = posix_spawnp(
      &process, command[0], &actions, &attributes, words + [nil], variables + [nil])
    guard problem == 0 else {
      throw AlertTrouble("\(name) cannot be started: \(String(cString: strerror(problem)))")
    }
    return process
  }
}

/// A program that is given the alert as JSON.
struct AlertCommand: AlertWay {
  let name = "command"
  let command: [String]
  var environment = ChildEnvironment.common

  func send(_ alert: Alert) throws {
    try ChildProgram(command: command, environment: environment).run(input: alert.json.text + "\n")
  }
}

/// A mail through sendmail.
struct Mail: AlertWay {
  let name = "mail"
  let addresses: [String]
  let sendmail: String

  func send(_ alert: Alert) throws {
    // The addresses stand in the text; a line with a single point does not end it.
    try ChildProgram(command: [sendmail, "-t", "-oi"]).run(input: alert.mail(to: addresses))
  }
}
