package store

import (
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// fault says whose an error of the server is. A code that the table does not have is taken for the server's, as
// faultSetup is: a document is refused only where the code says that the document is at fault.
type fault int

const (
	faultUnknown  fault = iota
	faultDocument       // the document's: it will not be stored as it is
	faultServer         // the server's, for all documents: it cannot at the moment
	faultSetup          // an operator's: an index, a validator or a limit stands in the way of some documents or of all
	faultAccess         // the user's: it may not
)

// serverCode is what is known of one code.
type serverCode struct {
	code   int
	name   string
	fault  fault
	advice string // what an operator can do
}

// The codes that are told apart elsewhere in this package.
const (
	codeInternalError         = 1
	codeUnauthorized          = 13
	codeAuthenticationFailed  = 18
	codeNamespaceNotFound     = 26
	codeNamespaceExists       = 48
	codeCommandNotFound       = 59
	codeIndexOptionsConflict  = 85
	codeIndexKeySpecsConflict = 86
	codeCommandNotSupported   = 115 // not MongoDB's own: Azure Cosmos DB says so of collMod
	codeConflictingOperation  = 117
	codeIndexBuildAborted     = 276
	codeIndexBuildInProgress  = 285
	codeAtlasError            = 8000
	codeBackgroundOperation   = 12587 // an index build stands in the way of changing the collection
)

// What an operator can do where the fault is not the document's.
const (
	adviceLanguage = "a text index of the collection takes the field \"language\" for the language to stem by: make the index anew with " +
		"language_override set to a field that no document has, as \"text_language\""
	adviceParallel = "an index of the collection cannot hold two lists of one document: drop the index"
	adviceSpace    = "make room on the server's disk, or enlarge it"
	adviceUnblock  = "writes are blocked by setUserWriteBlockMode: unblock them"
)

// serverCodes is the table. Names and numbers are those of
// https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml; where a code is thrown by its number alone
// (Location17262), the file of src/mongo that throws it is named. FerretDB 1.x uses the same numbers
// (https://github.com/FerretDB/FerretDB/blob/v1.24.2/internal/handler/handlererrors/error.go).
var serverCodes = []serverCode{
	// A document that is too large, of older servers (fixDocumentForInsert in insert.cpp); an operator on a stored value of
	// another type; FerretDB: infinity, names with $ or a dot.
	{2, "BadValue", faultDocument, ""},
	{9, "FailedToParse", faultDocument, ""},               // an update's part that cannot be read
	{14, "TypeMismatch", faultDocument, ""},               // an operator on a stored value of another type
	{15, "Overflow", faultDocument, ""},                   // nested deeper than 100: insert.cpp, db/update/storage_validation.cpp
	{22, "InvalidBSON", faultDocument, ""},                // rpc/object_check.h
	{28, "PathNotViable", faultDocument, ""},              // db/update/path_support.cpp: a stored value is in the way of a nested one
	{52, "DollarPrefixedFieldName", faultDocument, ""},    // storage_validation.cpp, as the next four
	{53, "InvalidIdField", faultDocument, ""},             //
	{55, "InvalidDBRef", faultDocument, ""},               //
	{56, "EmptyFieldName", faultDocument, ""},             //
	{57, "DottedFieldName", faultDocument, ""},            //
	{66, "ImmutableField", faultDocument, ""},             // db/exec/update_stage.cpp
	{121, "DocumentValidationFailure", faultDocument, ""}, // of the collection's validator only, says error_codes.yml
	{378, "NonConformantBSON", faultDocument, ""},         // bson/bson_validate.cpp
	{10334, "BSONObjectTooLarge", faultDocument, ""},      // insert.cpp; BSON that is too large as it is built
	{17280, "KeyTooLong", faultDocument, ""},              // up to 4.0: an index key of more than 1,024 bytes
	{17419, "Location17419", faultDocument, ""},           // update_stage.cpp: larger than 16 MB after the update
	{17420, "Location17420", faultDocument, ""},           // db/exec/upsert_stage.cpp: the same of what an upsert makes

	{171, "CannotIndexParallelArrays", faultSetup, adviceParallel},
	{17261, "Location17261", faultSetup, adviceLanguage}, // db/fts/fts_spec.cpp: no string in the field language
	{17262, "Location17262", faultSetup, adviceLanguage}, // db/fts/fts_spec.cpp: a language that the index does not know
	// Atlas's proxy has this code for all that it says by itself: a full quota, a user who may not, a wrong password.
	{codeAtlasError, "AtlasError", faultSetup, ""},

	{6, "HostUnreachable", faultServer, ""},
	{7, "HostNotFound", faultServer, ""},
	{24, "LockTimeout", faultServer, ""},
	{50, "MaxTimeMSExpired", faultServer, ""},
	{64, "WriteConcernTimeout", faultServer, ""},
	{89, "NetworkTimeout", faultServer, ""},
	{91, "ShutdownInProgress", faultServer, ""},
	{112, "WriteConflict", faultServer, ""},
	{189, "PrimarySteppedDown", faultServer, ""},
	{262, "ExceededTimeLimit", faultServer, ""},
	{371, "UserWritesBlocked", faultServer, adviceUnblock},
	{9001, "SocketException", faultServer, ""},
	{10058, "LegacyNotPrimary", faultServer, ""},
	{10107, "NotWritablePrimary", faultServer, ""},
	{11600, "InterruptedAtShutdown", faultServer, ""},
	{11601, "Interrupted", faultServer, ""},
	{11602, "InterruptedDueToReplStateChange", faultServer, ""},
	{13388, "StaleConfig", faultServer, ""},
	{13435, "NotPrimaryNoSecondaryOk", faultServer, ""},
	{13436, "NotPrimaryOrSecondary", faultServer, ""},
	{14031, "OutOfDiskSpace", faultServer, adviceSpace},

	{codeUnauthorized, "Unauthorized", faultAccess, ""},
	{codeAuthenticationFailed, "AuthenticationFailed", faultAccess, ""},
}

// sqliteFailures are how SQLite's own failures, which FerretDB 1.x passes on as an InternalError, say that it cannot at the
// moment: https://www.sqlite.org/rescode.html, SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY, SQLITE_BUSY and SQLITE_CANTOPEN.
var sqliteFailures = []string{"disk is full", "disk I/O error", "readonly database", "database is locked", "unable to open database"}

// isSQLiteFailure is true for one of them.
func isSQLiteFailure(err error) bool {
	var se mongo.ServerError
	return errors.As(err, &se) && slices.ContainsFunc(sqliteFailures, func(reason string) bool {
		return se.HasErrorCodeWithMessage(codeInternalError, reason)
	})
}

// codeOf is what the table says of a code.
func codeOf(code int) serverCode {
	if i := slices.IndexFunc(serverCodes, func(c serverCode) bool { return c.code == code }); i >= 0 {
		return serverCodes[i]
	}
	return serverCode{code: code}
}

// hasFault is true where one of the codes in err is of that kind.
func hasFault(err error, f fault) bool {
	var se mongo.ServerError
	if !errors.As(err, &se) {
		return false
	}
	return slices.ContainsFunc(se.ErrorCodes(), func(code int) bool { return codeOf(code).fault == f })
}
