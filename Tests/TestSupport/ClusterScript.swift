import Foundation

/// Why there is no cluster.
struct ClusterFailure: Error, CustomStringConvertible { let description: String }

/// The script that starts and removes private clusters.
enum ClusterScript {
  private static let script = path("cluster")
  static let pooler = path("pooler")

  private static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(component: name).path
  }

  /// Starts a cluster that goes with this process.
  /// - Returns: the folder of its socket.
  static func start(_ folder: String, options: [String] = []) throws -> String {
    let owner = ProcessInfo.processInfo.processIdentifier
    try guardCluster(folder)
    _ = try run(["start", folder, "--owner", String(owner)] + options)
    return try socketFolder(of: folder)
  }

  /// The folder of a cluster's socket.
  static func socketFolder(of folder: String) throws -> String {
    let environment = try run("env", folder)
    guard let socketFolder = environment.firstMatch(of: #/PGHOST='([^']+)'/#)?.1 else {
      throw ClusterFailure(description: "cluster env printed no PGHOST")
    }
    return String(socketFolder)
  }

  /// Starts a process that removes the cluster when this one ends: it holds the read end of a pipe
  /// whose write end only we have, so the kernel tells it even of a kill.
  static func guardCluster(_ folder: String) throws {
    // The write end is never closed here: the kernel does it.
    let lifeline = try makePipe()
    _ = try spawn(script, ["guard", folder], input: lifeline.read, output: nil)
    close(lifeline.read)
  }

  /// A pipe that no other child process inherits.
  static func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw ClusterFailure(description: "no pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// Runs the script to its end and returns what it prints.
  static func run(_ arguments: String...) throws -> String { try run(arguments) }

  static func run(_ arguments: [String]) throws -> String {
    let output = try makePipe()
    let process = try spawn(script, arguments, input: nil, output: output.write)
    close(output.write)
    let printed = FileHandle(fileDescriptor: output.read, closeOnDealloc: true)
      .readDataToEndOfFile()
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1, errno == EINTR {}
    let text = String(decoding: printed, as: UTF8.self)
    guard status == 0 else {
      throw ClusterFailure(description: "cluster \(arguments) failed: \(text)")
    }
    return text
  }

  /// Starts a script; nil is the null device. Foundation's `Process` takes a process for running
  /// as long as anybody holds the socket that it inherits, which a server or a guard might.
  static func spawn(
    _ script: String, _ arguments: [String], input: Int32?, output: Int32?
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in [(0, input), (1, output), (2, output)] as [(Int32, Int32?)] {
      if let source {
        posix_spawn_file_actions_adddup2(&actions, source, target)
      } else {
        posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
      }
    }
    let words = ([script] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let problem = posix_spawn(&process, script, &actions, nil, words + [nil], environ)
    guard problem == 0 else {
      throw ClusterFailure(description: "\(script): \(String(cString: strerror(problem)))")
    }
    return process
  }
}
