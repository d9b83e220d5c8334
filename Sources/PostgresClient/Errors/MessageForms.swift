/// The messages of Postgres that hold names and numbers of its own and no value of a row, by the forms
/// in which its source writes them (English; versions 13 to 18).
///
/// A state or class alone says nothing: RAISE gives a message of its own whatever state, and a message
/// that comes back from another server, by postgres_fdw or dblink, does not tell that RAISE made it.
enum MessageForms {
  /// Whether a message of a state is one of these.
  static func isKnown(_ message: String, sqlState: String) -> Bool {
    forms[sqlState]?.contains { $0.matches(message) } ?? false
  }

  /// Whether a hint is one of Postgres's own without a value.
  static func isKnown(hint: String) -> Bool { hints.contains { $0.matches(hint) } }

  private static let forms: [String: [MessageForm]] = {
    var forms: [String: [MessageForm]] = [:]
    for line in table.split(separator: "\n") {
      forms[String(line.prefix(5)), default: []].append(MessageForm(line.dropFirst(6)))
    }
    return forms
  }()

  private static let hints = hintTable.split(separator: "\n").map { MessageForm($0) }

  private static let hintTable = """
    Ensure that no rows proposed for insertion within the same command have duplicate constrained values.
    Ensure that not more than one source row matches any one target row.
    Check free disk space.
    You might need to increase %n.
    You might need to increase %q.
    The transaction might succeed if retried.
    See server log for query details.
    Use the REFRESH MATERIALIZED VIEW command.
    To enable updating the table, set REPLICA IDENTITY using ALTER TABLE.
    To enable deleting from the table, set REPLICA IDENTITY using ALTER TABLE.
    """

  /// `%q` is a name in double quotes, `%n` one without, `%t` a type, `%o` a kind of object, `%C` a
  /// command, `%d` a number.
  private static let table = """
    08001 could not connect to server %q
    0A000 FULL JOIN is only supported with merge-joinable or hash-joinable join conditions
    0A000 INSERT with ON CONFLICT clause cannot be used with table that has INSERT or UPDATE rules
    21000 more than one row returned by a subquery used as an expression
    21000 ON CONFLICT DO UPDATE command cannot affect row a second time
    21000 MERGE command cannot affect row a second time
    22001 value too long for type %t
    22001 bit string too long for type %t
    22003 %t out of range
    22003 numeric field overflow
    22003 value out of range: overflow
    22003 value out of range: underflow
    22004 query string argument of EXECUTE is null
    22008 %t out of range
    22008 %t out of range for timestamp
    22012 division by zero
    2200H nextval: reached maximum value of sequence %q (%d)
    2200H nextval: reached minimum value of sequence %q (%d)
    2201E cannot take logarithm of zero
    2201E cannot take logarithm of a negative number
    2201F cannot take square root of a negative number
    2201F a negative number raised to a non-integer power yields a complex result
    2201F zero raised to a negative power is undefined
    22P04 missing data for column %q
    22P04 extra data after last expected column
    22P04 unterminated CSV quoted field
    22P04 unquoted newline found in data
    22P04 literal newline found in data
    22P04 unquoted carriage return found in data
    22P04 literal carriage return found in data
    23001 update or delete on table %q violates RESTRICT setting of foreign key constraint %q on table %q
    23502 null value in column %q of relation %q violates not-null constraint
    23502 null value in column %q violates not-null constraint
    23502 column %q of relation %q contains null values
    23502 column %q contains null values
    23502 domain %n does not allow null values
    23503 insert or update on table %q violates foreign key constraint %q
    23503 update or delete on table %q violates foreign key constraint %q on table %q
    23505 duplicate key value violates unique constraint %q
    23505 could not create unique index %q
    23514 new row for relation %q violates check constraint %q
    23514 new row for relation %q violates partition constraint
    23514 no partition of relation %q found for row
    23514 check constraint %q of relation %q is violated by some row
    23514 partition constraint of relation %q is violated by some row
    23514 updated partition constraint for default partition %q would be violated by some row
    23514 value for domain %n violates check constraint %q
    23P01 conflicting key value violates exclusion constraint %q
    23P01 could not create exclusion constraint %q
    25006 cannot execute %C in a read-only transaction
    25006 cannot execute %C during recovery
    25P02 current transaction is aborted, commands ignored until end of transaction block
    25P03 terminating connection due to idle-in-transaction timeout
    25P04 terminating connection due to transaction timeout
    2F005 control reached end of function without RETURN
    40001 could not serialize access due to concurrent update
    40001 could not serialize access due to concurrent delete
    40001 could not serialize access due to read/write dependencies among transactions
    40001 canceling statement due to conflict with recovery
    40001 terminating connection due to conflict with recovery
    40P01 deadlock detected
    40P01 canceling statement due to conflict with recovery
    42501 permission denied for %o %n
    42501 must be owner of %o %n
    42501 new row violates row-level security policy for table %q
    42501 new row violates row-level security policy %q for table %q
    42501 query would be affected by row-level security policy for table %q
    42704 user mapping not found for %q
    42704 user mapping not found for user %q, server %q
    42P10 there is no unique or exclusion constraint matching the ON CONFLICT specification
    44000 new row violates check option for view %q
    53100 could not extend file %q: No space left on device
    53100 could not write to file %q: No space left on device
    53100 could not extend file %q: wrote only %d of %d bytes at block %d
    53200 out of memory
    53200 out of shared memory
    53300 sorry, too many clients already
    53300 too many connections for role %q
    53300 too many connections for database %q
    53400 temporary file size exceeds temp_file_limit (%dkB)
    54000 row is too big: size %d, maximum size %d
    54000 index row requires %d bytes, maximum size is %d
    54000 index row size %d exceeds btree version %d maximum %d for index %q
    54000 index row size %d exceeds maximum %d for index %q
    54000 array size exceeds the maximum allowed (%d)
    54000 string buffer exceeds maximum allowed length (%d bytes)
    54000 out of memory
    54001 stack depth limit exceeded
    54011 target lists can have at most %d entries
    54011 tables can have at most %d columns
    55000 ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters
    55000 materialized view %q has not been populated
    55000 cannot update table %q because it does not have a replica identity and publishes updates
    55000 cannot delete from table %q because it does not have a replica identity and publishes deletes
    55000 cannot insert into view %q
    55000 cannot update view %q
    55000 cannot delete from view %q
    55P03 canceling statement due to lock timeout
    55P03 could not obtain lock on relation %q
    55P03 could not obtain lock on row in relation %q
    57014 canceling statement due to user request
    57014 canceling statement due to statement timeout
    57014 canceling statement due to conflict with recovery
    57P01 terminating connection due to administrator command
    57P01 terminating connection due to unexpected postmaster exit
    57P02 terminating connection because of crash of another server process
    57P03 the database system is starting up
    57P03 the database system is shutting down
    57P03 the database system is in recovery mode
    57P05 terminating connection due to idle-session timeout
    58P01 could not open file %q for reading: No such file or directory
    P0002 query returned no rows
    P0003 query returned more than one row
    XX000 invalid memory alloc request size %d
    XX001 invalid page in block %d of relation %n
    XX001 missing chunk number %d for toast value %d in %n
    """
}

/// A form with slots.
private struct MessageForm: Sendable {
  /// A regular expression: itself it cannot be shared.
  private let pattern: String

  /// - Parameter text: as the table has it.
  init(_ text: Substring) {
    var pattern = ""
    var rest = text
    while let character = rest.popFirst() {
      if character == "%", let slot = rest.popFirst() {
        pattern += Self.slots[slot] ?? ""
      } else {
        if "()[]{}.*+?^$|\\/".contains(character) { pattern += "\\" }
        pattern.append(character)
      }
    }
    self.pattern = pattern
  }

  func matches(_ message: String) -> Bool {
    guard message.utf8.count <= 500, let pattern = try? Regex(pattern) else { return false }
    return (try? pattern.wholeMatch(in: message)) != nil
  }

  private static let slots: [Character: String] = [
    "q": #""[^"]*""#, "n": #"[\w.$"-]+"#, "d": "[0-9]+", "C": "[A-Z ]+",
    "t":
      #"(?:smallint|integer|bigint|real|double precision|numeric|money|oid|date|time|timestamp|interval|"char"|bit(?: varying)?|character(?: varying)?)(?:\([0-9, ]+\))?"#,
    "o":
      "(?:table|view|materialized view|foreign table|index|sequence|function|procedure|aggregate|schema|database|column|type|domain|language|relation|foreign server|foreign-data wrapper|large object|tablespace)",
  ]
}
