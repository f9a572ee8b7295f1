package newsdate

import "time"

// jalaliEpoch is the Julian day number of the day before 1 Farvardin of the year 1, as the 33-year cycle counts it.
const jalaliEpoch = 1948319

// fromJalali converts a date of the Solar Hijri calendar (Iran, Afghanistan). Leap years follow the 33-year cycle
// (8 leap years in 33, those with (25y+11) mod 33 < 8), which agrees with the astronomical calendar for 1178..1501,
// far more than news covers.
func fromJalali(y, m, d int) (time.Time, bool) {
	if y < 1178 || y > 1501 || m < 1 || m > 12 || d < 1 {
		return time.Time{}, false
	}
	length := 31
	switch {
	case m == 12 && !jalaliLeap(y):
		length = 29
	case m > 6:
		length = 30
	}
	if d > length {
		return time.Time{}, false
	}
	days := 365*(y-1) + (8*(y-1)+29)/33 // leap days of the years before y
	if m <= 7 {
		days += 31 * (m - 1)
	} else {
		days += 186 + 30*(m-7)
	}
	return fromJulianDay(jalaliEpoch + days + d), true
}

func jalaliLeap(y int) bool { return (25*y+11)%33 < 8 }

// umalquraFirst is the first year of umalqura, and umalquraStart the Julian day number of its first day (2 August
// 1924).
const (
	umalquraFirst = 1343
	umalquraStart = 2424000
)

// umalqura has a bit for each month of the years 1343..1499, set where the month has 30 days: the Umm al-Qura
// calendar of Saudi Arabia, read off ICU's islamic-umalqura calendar.
var umalqura = [...]uint16{
	0x6a9, 0x535, 0x25d, 0x4bd, 0x9ba, 0x3b4, 0xb69, 0xb2a, 0xa55, 0x4ad, 0xa5d, 0x2da, 0x6d9, 0xeaa, 0xe94, 0xd2a,
	0xc56, 0x4ae, 0xa6d, 0x56a, 0xd55, 0xd4a, 0xa93, 0x52b, 0xa5b, 0x53a, 0x6b5, 0xea9, 0xd52, 0xd29, 0xa55, 0x4ad,
	0x56d, 0xaea, 0x6e4, 0xed1, 0xda2, 0xaaa, 0x95a, 0x2da, 0x5b9, 0xbb2, 0x764, 0x6c9, 0x555, 0x2ab, 0x4db, 0xaba,
	0x5b4, 0xda9, 0xd52, 0xaa5, 0x92d, 0x26d, 0x8ed, 0x2da, 0xad5, 0xaa5, 0xa4b, 0x497, 0x937, 0x2b6, 0x975, 0xd69,
	0xd52, 0xc95, 0x92b, 0x25b, 0x4db, 0x9d5, 0x5d2, 0xda5, 0xd4a, 0xa95, 0x54d, 0xaad, 0x3aa, 0xbd2, 0xbc4, 0xb89,
	0xa95, 0x52d, 0x5ad, 0xb6a, 0x6d4, 0xdc9, 0xd92, 0xaa6, 0x956, 0x2ae, 0x56d, 0x36a, 0xb55, 0xaaa, 0x94d, 0x49d,
	0x95d, 0x2ba, 0x5b5, 0x5aa, 0xd55, 0xa9a, 0x92e, 0x26e, 0x55d, 0xada, 0x6d4, 0x6a5, 0xb27, 0xa4d, 0x4ad, 0x56d,
	0xb5a, 0x754, 0xf49, 0xe92, 0xd26, 0xa56, 0x356, 0x6b5, 0xbaa, 0xb92, 0xb25, 0x68b, 0xa9b, 0x55a, 0xada, 0x5b4,
	0xda9, 0xb52, 0xa9a, 0x536, 0x276, 0x575, 0xaf2, 0x6d4, 0x6a9, 0x555, 0x2ad, 0x4bd, 0x9ba, 0x574, 0xb69, 0xb52,
	0xa95, 0x52d, 0xa5d, 0x4da, 0xad9, 0x6b2, 0xe95, 0xe2a, 0xc96, 0x92e, 0xaad, 0x56a, 0xd65,
}

// fromHijri converts a date of the lunar Hijri calendar: by Umm al-Qura for 1343..1499, before that by the tabular
// civil calendar (leap years with (11y+14) mod 30 < 11). Countries that go by sighting the moon can be a day off
// either way; so can a printed date. A day 30 in a month of 29 is taken as the next day for the same reason.
func fromHijri(y, m, d int) (time.Time, bool) {
	if y < 1300 || y >= umalquraFirst+len(umalqura) || m < 1 || m > 12 || d < 1 || d > 30 {
		return time.Time{}, false
	}
	if y < umalquraFirst {
		// 1948439 is the Julian day before 1 Muharram 1 (16 July 622, Julian).
		days := 354*(y-1) + (11*(y-1)+14)/30 + 29*(m-1) + m/2
		return fromJulianDay(1948439 + days + d), true
	}
	days := 0
	for _, mask := range umalqura[:y-umalquraFirst] {
		for k := range 12 {
			days += 29 + int(mask>>k&1)
		}
	}
	for k := range m - 1 {
		days += 29 + int(umalqura[y-umalquraFirst]>>k&1)
	}
	return fromJulianDay(umalquraStart + days + d - 1), true
}

// fromGregorian gives midnight UTC of a date of the Gregorian calendar, and false for a date that does not exist.
func fromGregorian(y, m, d int) (time.Time, bool) {
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == d
}

// fromJulianDay gives midnight UTC of the civil day with that Julian day number.
func fromJulianDay(n int) time.Time {
	const unixEpoch = 2440588 // Julian day number of 1 January 1970
	return time.Unix(int64(n-unixEpoch)*86400, 0).UTC()
}

// ethiopianEpoch is the Julian day number of the day before 1 Meskerem of the year 1 (29 August 8, Julian).
const ethiopianEpoch = 1724220

// fromEthiopian converts a date of the Ethiopian calendar: twelve months of 30 days and a thirteenth of five, six before
// each year that four divides.
func fromEthiopian(y, m, d int) (time.Time, bool) {
	length := 30
	if m == 13 {
		length = 5
		if y%4 == 3 {
			length = 6
		}
	}
	if y < 1893 || y > 2190 || m < 1 || m > 13 || d < 1 || d > length {
		return time.Time{}, false
	}
	return fromJulianDay(ethiopianEpoch + 365*(y-1) + y/4 + 30*(m-1) + d), true
}

// sambatFirst is the first year of sambat, and sambatStart the Julian day number of its first day (14 April 1983).
const (
	sambatFirst = 2040
	sambatStart = 2445439
)

// sambat has two bits for each month of the years 2040..2090 of Nepal's Bikram Sambat, how many days it has beyond 29, as
// Nepal's calendar committee sets them; those that it has not set yet are as almanacs expect them.
var sambat = [...]uint32{
	0x511aba, 0x5116fa, 0x9056ee, 0x514aea, 0x511aba, 0x5116ee, 0x9056ee, 0x511aea, 0x511aba, 0x5056ee,
	0x8456ee, 0x511aea, 0x511aba, 0x5056ee, 0x8456ee, 0x511aba, 0x5117ba, 0x9056ee, 0x8456ed, 0x511aba,
	0x5116fa, 0x9056ee, 0x844aed, 0x511aba, 0x5116fa, 0x9056ee, 0x814aea, 0x511aba, 0x5116fa, 0x9056ee,
	0x514aea, 0x511aba, 0x5116ee, 0x9056ee, 0x511aea, 0x511aba, 0x5056ee, 0x8456ee, 0x511aea, 0x511aba,
	0x5056ee, 0x8456ee, 0x511aba, 0x511aba, 0x9056ee, 0x8456ed, 0x511aba, 0x545aba, 0x5459f9, 0x5456ed,
	0x5456ed,
}

// sambatMonth gives the days of a month of the year that a mask of sambat stands for.
func sambatMonth(mask uint32, m int) int { return 29 + int(mask>>(2*(m-1))&3) }

// fromSambat converts a date of Bikram Sambat, the calendar of Nepal.
func fromSambat(y, m, d int) (time.Time, bool) {
	if y < sambatFirst || y >= sambatFirst+len(sambat) || m < 1 || m > 12 || d < 1 || d > sambatMonth(sambat[y-sambatFirst], m) {
		return time.Time{}, false
	}
	days := 0
	for _, mask := range sambat[:y-sambatFirst] {
		for k := 1; k <= 12; k++ {
			days += sambatMonth(mask, k)
		}
	}
	for k := 1; k < m; k++ {
		days += sambatMonth(sambat[y-sambatFirst], k)
	}
	return fromJulianDay(sambatStart + days + d - 1), true
}
