package newsdate

// Labels that stand beside a date, in the order of labelTable's slots.
const (
	labelPublished = 1
	labelModified  = 2
)

// meridiemTable has the words for the half of the day: before noon, after noon, and night (evening up to midnight,
// morning after it).
const meridiemTable = `
en: am,a.m,a m|pm,p.m,p m
ar: ص,صباحا,صباح,صباحاً,فجرا,الفجر|م,مساء,مساءا,ظهرا,عصرا,بعد الظهر|ليلا
fa: ق.ظ,قبل از ظهر,صبح,بامداد|ب.ظ,بعد از ظهر,بعدازظهر,عصر,ظهر|شب
ur: صبح|شام,دوپہر,سہ پہر|رات
ckb: پ.ن,ب.ن,پێش نیوەڕۆ,بەیانی,سەرلەبەیانی|د.ن,دوای نیوەڕۆ,پاش نیوەڕۆ,ئێوارە|شەو
tr: öö|ös
az: |
he: לפנה"צ,לפני הצהריים,בבוקר|אחה"צ,אחרי הצהריים,בצהריים,בערב|בלילה
es: a.m|p.m
el: π.μ,πμ|μ.μ,μμ
hu: de|du
sq: pd,p.d|md,m.d
zh: 上午,凌晨,早上,清晨|下午,中午,晚上,傍晚,晚间
ja: 午前|午後
ko: 오전|오후
vi: sáng,sa|chiều,ch,tối
th: |
hi: पूर्वाह्न,सुबह|अपराह्न,दोपहर,शाम|रात
bn: পূর্বাহ্ন,সকাল,ভোর|অপরাহ্ন,দুপুর,বিকেল,বিকাল,সন্ধ্যা|রাত
ta: முற்பகல்,காலை|பிற்பகல்,மாலை
ms!: pg,pagi|ptg,petang
`

// unitTable has the units of time: second, minute, hour, day, week, month, year.
const unitTable = `
en: second,seconds,sec,secs|minute,minutes,min,mins|hour,hours,hr,hrs,h|day,days,d|week,weeks|month,months|year,years
ar: ثانية,ثوان,ثواني|دقيقة,دقائق,دقايق|ساعة,ساعات|يوم,أيام,يوما|أسبوع,أسابيع,أسبوعا|شهر,أشهر,شهور,شهرا|سنة,سنوات,عام,أعوام,عاما
fa: ثانیه|دقیقه|ساعت|روز|هفته|ماه|سال
ur: سیکنڈ,سیکنڈز|منٹ,منٹس|گھنٹے,گھنٹہ,گھنٹوں|دن,روز|ہفتے,ہفتہ|ماہ,مہینے,مہینہ|سال
ckb: چرکە|خولەک,دەقە,دەقیقە|کاتژمێر,سەعات|ڕۆژ,ڕۆژێک|هەفتە,حەفتە|مانگ|ساڵ
ku: saniye,çirke|deqe,deqîqe,xulek|saet,saetan,demjimêr,demjimêran|roj,rojan|hefte,heftî,hefteyan|meh,mehan|sal,salan
tr: saniye,sn|dakika,dk|saat,sa|gün|hafta|ay|yıl,sene
az: saniyə|dəqiqə|saat|gün|həftə|ay|il
he: שניות,שנייה,שניה|דקות,דקה,דק|שעות,שעה|ימים,יום|שבועות,שבוע|חודשים,חודש|שנים,שנה
de: sekunde,sekunden,sek|minute,minuten,min|stunde,stunden,std|tag,tage,tagen|woche,wochen|monat,monate,monaten|jahr,jahre,jahren
fr: seconde,secondes|minute,minutes,min|heure,heures,h|jour,jours,j|semaine,semaines|mois|an,ans,année,années
es: segundo,segundos|minuto,minutos,min|hora,horas,h|día,días|semana,semanas|mes,meses|año,años
pt: segundo,segundos|minuto,minutos,min|hora,horas,h|dia,dias|semana,semanas|mês,meses|ano,anos
it: secondo,secondi|minuto,minuti,min|ora,ore,h|giorno,giorni|settimana,settimane|mese,mesi|anno,anni
ro: secundă,secunde|minut,minute|oră,ore|zi,zile|săptămână,săptămâni|lună,luni|an,ani
nl: seconde,seconden|minuut,minuten|uur,uren|dag,dagen|week,weken|maand,maanden|jaar
sv: sekund,sekunder|minut,minuter,min|timme,timmar,tim|dag,dagar,dygn|vecka,veckor|månad,månader|år
da: sekund,sekunder|minut,minutter,min|time,timer|dag,dage,døgn|uge,uger|måned,måneder|år
no: sekund,sekunder|minutt,minutter,min|time,timer|dag,dager,døgn|uke,uker|måned,måneder|år
fi: sekunti,sekuntia|minuutti,minuuttia|tunti,tuntia|päivä,päivää|viikko,viikkoa|kuukausi,kuukautta|vuosi,vuotta
pl: sekunda,sekundy,sekund|minuta,minuty,minut,minutę,min|godzina,godziny,godzin,godzinę,godz|dzień,dni|tydzień,tygodnie,tygodni|miesiąc,miesiące,miesięcy|rok,lata,lat
cs: sekundou,sekundami|minutou,minutami,minut|hodinou,hodinami,hodin|dnem,dny,dní|týdnem,týdny|měsícem,měsíci|rokem,lety,roky
sk: sekundou,sekundami|minútou,minútami|hodinou,hodinami|dňom,dňami|týždňom,týždňami|mesiacom,mesiacmi|rokom,rokmi
hr: sekundi,sekunde|minuta,minute,min|sat,sata,sati,h|dan,dana|tjedan,tjedna|mjesec,mjeseca|godina,godine
ru: секунд,секунду,секунды,сек|минут,минуту,минуты,мин|час,часа,часов|день,дня,дней|неделю,недели,недель|месяц,месяца,месяцев|год,года,лет
uk: секунд,секунду,секунди|хвилин,хвилину,хвилини,хв|годину,години,годин,год|день,дні,днів|тиждень,тижні,тижнів|місяць,місяці,місяців|рік,роки,років
bg: секунди,секунда|минути,минута|часа,час|дни,ден|седмици,седмица|месеца,месец|години,година
el: δευτερόλεπτα|λεπτά,λεπτό|ώρες,ώρα|ημέρες,ημέρα,μέρες,μέρα|εβδομάδες,εβδομάδα|μήνες,μήνα|χρόνια,χρόνο,έτη
hu: másodperccel,másodperce|perccel,perce,perc|órával,órája,óra|nappal,napja,nap|héttel,hete|hónappal,hónapja|évvel,éve
id: detik|menit|jam|hari|minggu|bulan|tahun
ms: saat|minit|jam|hari|minggu|bulan|tahun
sw: sekunde|dakika|saa,masaa|siku|wiki|mwezi,miezi|mwaka,miaka
hi: सेकंड,सेकेंड|मिनट|घंटे,घंटा,घण्टे|दिन|सप्ताह,हफ़्ते,हफ्ते|महीने,माह|साल,वर्ष
ne: सेकेन्ड|मिनेट|घण्टा,घन्टा|दिन|हप्ता,साता|महिना|वर्ष
mr: सेकंद|मिनिटे,मिनिटां|तास,तासां,तासांपूर्वी|दिवस,दिवसां|आठवडे,आठवड्यां|महिने,महिन्यां|वर्षे,वर्षां
bn: সেকেন্ড|মিনিট|ঘণ্টা,ঘন্টা|দিন|সপ্তাহ|মাস|বছর
ta: விநாடிகள்|நிமிடங்கள்,நிமிடம்|மணிநேரம்,மணி நேரம்|நாட்கள்,நாள்|வாரங்கள்|மாதங்கள்|ஆண்டுகள்
th: วินาที|นาที|ชั่วโมง,ชม|วัน|สัปดาห์|เดือน|ปี
vi: giây|phút|giờ,tiếng|ngày|tuần|tháng|năm
zh: 秒,秒钟|分钟,分鐘|小时,小時,个小时,個小時|天,日|周,週,星期,个星期|个月,個月|年
ja: 秒|分|時間|日|週間|か月,ヶ月,カ月,ヵ月|年
ko: 초|분|시간|일|주|개월,달|년
`

// dualTable has two of a unit in one word, in the slots of unitTable.
const dualTable = `
ar: ثانيتين|دقيقتين,دقيقتان|ساعتين,ساعتان|يومين,يومان|أسبوعين,أسبوعان|شهرين,شهران|سنتين,عامين
he: |דקותיים|שעתיים|יומיים|שבועיים|חודשיים|שנתיים
`

// countTable has numbers in words from one up, as they stand before a unit of time.
const countTable = `
en: a,an,one|two|three|four|five|six|seven|eight|nine|ten
ar: واحد,واحدة|اثنين,اثنتين|ثلاث,ثلاثة|أربع,أربعة|خمس,خمسة|ست,ستة|سبع,سبعة|ثماني,ثمانية,ثمان|تسع,تسعة|عشر,عشرة
fa: یک|دو|سه|چهار|پنج|شش|هفت|هشت|نه|ده
ur: ایک|دو|تین|چار|پانچ|چھ|سات|آٹھ|نو|دس
ckb: یەک|دوو|سێ|چوار|پێنج|شەش|حەوت|هەشت|نۆ|دە
ku: yek,yekê|du,duyan|sê|çar|pênc|şeş|heft|heşt|neh|deh
tr: bir|iki|üç|dört|beş|altı|yedi|sekiz|dokuz|on
he: אחת,אחד|שתי,שני|שלוש,שלושה|ארבע,ארבעה|חמש,חמישה|שש,שישה|שבע,שבעה|שמונה|תשע,תשעה|עשר,עשרה
de: ein,eine,einer,einem,einen|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn
fr: un,une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix
es: un,una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez
pt: um,uma|dois,duas|três|quatro|cinco|seis|sete|oito|nove|dez
it: un,un',una|due|tre|quattro|cinque|sei|sette|otto|nove|dieci
nl: een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien
sv: en,ett|två|tre|fyra|fem|sex|sju|åtta|nio|tio
da: en,et|to|tre|fire|fem|seks|syv|otte|ni|ti
ru: один,одну|два,две|три|четыре|пять|шесть|семь|восемь|девять|десять
el: μία,μια,ένα|δύο|τρεις,τρία|τέσσερις|πέντε|έξι|επτά|οκτώ|εννέα|δέκα
hi: एक|दो|तीन|चार|पांच|छह|सात|आठ|नौ|दस
`

// beforeTable has what stands before a span of time that has passed.
const beforeTable = `
ar: منذ,قبل,من
he: לפני
de: vor
fr: il y a
es: hace
pt: há
cs: před
sk: pred
hr: prije
sr: пре
bg: преди
el: πριν,πριν από
ckb: پێش,بەر لە
ku: berî
ro: acum
sq: para
`

// afterTable has what stands after it.
const afterTable = `
en: ago
fa: پیش,قبل
ur: قبل,پہلے
ckb: لەمەوبەر,پێش ئێستا,لەمەوپێش
ku: berê
tr: önce
az: əvvəl
it: fa
es: atrás
pt: atrás
nl: geleden
sv: sedan
da: siden
no: siden
fi: sitten
pl: temu
ru: назад
uk: тому
hu: ezelőtt
id: lalu,yang lalu
ms: lalu,yang lalu
sw: iliyopita,yaliyopita,zilizopita
hi: पहले,पूर्व
bn: আগে
ne: अघि,पहिले
mr: पूर्वी
ta: முன்,முன்பு
th: ที่แล้ว,ก่อน,ที่ผ่านมา
vi: trước
zh: 前,以前,之前
ja: 前
ko: 전
kk: бұрын
`

// dayTable has the days counted from today: two before, one before, today.
const dayTable = `
en: |yesterday|today
ar: أول أمس,أول من أمس|أمس,البارحة,الأمس|اليوم
fa: پریروز|دیروز|امروز
ur: |گزشتہ روز|آج
ckb: پێرێ|دوێنێ|ئەمڕۆ,ئەمرۆ
ku: |duh,duhî|îro
tr: evvelsi gün|dün|bugün
az: |dünən|bu gün
he: שלשום|אתמול|היום
de: vorgestern|gestern|heute
fr: avant-hier|hier|aujourd'hui
es: anteayer|ayer|hoy
pt: anteontem|ontem|hoje
it: |ieri|oggi
nl: eergisteren|gisteren|vandaag
sv: |igår,i går|idag,i dag
da: |i går|i dag
no: |i går|i dag
fi: |eilen|tänään
pl: przedwczoraj|wczoraj|dzisiaj,dziś
cs: předevčírem|včera|dnes
ru: позавчера|вчера|сегодня
uk: позавчора|вчора|сьогодні
el: προχθές|χθες,χτες|σήμερα
hu: |tegnap|ma
id: |kemarin|hari ini
ms: |semalam|hari ini
sw: juzi|jana|leo
hi: |बीता कल|आज
bn: |গতকাল|আজ
th: |เมื่อวาน,เมื่อวานนี้|วันนี้
vi: |hôm qua|hôm nay
zh: 前天|昨天,昨日|今天,今日
ja: 一昨日,おととい|昨日,きのう|今日,きょう,本日
ko: 그제|어제|오늘
`

// labelTable has the words that say what a date is: of publication, of the last change.
const labelTable = `
en: published,posted,publication date,date published,first published,published on,published at,posted on,posted at,created|updated,last updated,modified,last modified,updated on,updated at,date modified,last update,update,revised,edited,amended
ar: نشر,نشرت,نشره,تم النشر,تم نشره,نشر في,نشر بتاريخ,تاريخ النشر,وقت النشر,النشر,منشور,أضيف,أضيف في,تاريخ الإضافة|تحديث,آخر تحديث,اخر تحديث,التحديث,آخر التحديثات,تاريخ التحديث,محدث,محدثة,تم التحديث,حدث في,عدل,عدلت,عدل في,تعديل,آخر تعديل,معدل
fa: منتشر شده,انتشار,تاریخ انتشار,زمان انتشار,تاریخ درج,ارسال شده,منتشر شد|بهروزرسانی,به روز رسانی,بروزرسانی,بروز رسانی,به روزرسانی,آخرین بهروزرسانی,آخرین بروزرسانی,بهروز شده,به روز شده,ویرایش,آخرین ویرایش,آپدیت
ur: شائع,اشاعت,شائع شدہ,تاریخ اشاعت,شائع ہوا|اپ ڈیٹ,اپڈیٹ,فوری اپڈیٹ,فوری اپ ڈیٹ,آخری اپ ڈیٹ,آخری اپڈیٹ,ترمیم
ps: خپور شوی,خپره شوې|تازه شوی,تازه شوې
ckb: بڵاوکرایەوە,بڵاوکراوەتەوە,بڵاوبووەتەوە,بڵاوکردنەوە|نوێکراوەتەوە,نوێکردنەوە,نوێکرایەوە,دوایین نوێکردنەوە
ku: weşand,hat weşandin,dîroka weşanê,weşan|nûkirin,rojanekirin,hat rojanekirin,hate nûkirin,hat nûkirin
tr: yayın,yayınlanma,yayınlanma tarihi,yayın tarihi,giriş,giriş tarihi,yayınlandı,eklenme,eklenme tarihi,oluşturulma,oluşturulma tarihi|güncelleme,güncellenme,son güncelleme,güncelleme tarihi,güncellenme tarihi,güncellendi,düzenleme
az: dərc,dərc edilib|yenilənib,yenilənmə
he: פורסם,פורסמה,פורסם ב,פורסם בתאריך,תאריך פרסום,נכתב,פרסום ראשון|עודכן,עודכן ב,עודכנה,עדכון אחרון,עדכון,תאריך עדכון
de: veröffentlicht,veröffentlicht am,erstellt,publiziert,erschienen,erschienen am|aktualisiert,aktualisiert am,zuletzt aktualisiert,aktualisierung,letzte aktualisierung,geändert,stand,letztes update,bearbeitet
fr: publié,publié le,publiée,paru le,mis en ligne,mis en ligne le,publication,créé le|mis à jour,mis à jour le,mise à jour,modifié,modifié le,actualisé,actualisé le,dernière mise à jour
es: publicado,publicado el,publicada,fecha de publicación,creado|actualizado,actualizado el,actualizada,última actualización,modificado,act,actualización
ca: publicat|actualitzat,actualització
pt: publicado,publicado em,publicada,criado em|atualizado,atualizado em,atualizada,actualizado,última atualização,modificado em,atualização
it: pubblicato,pubblicato il,pubblicata,creato|aggiornato,aggiornato il,ultimo aggiornamento,aggiornamento,modificato
ro: publicat,data publicării|actualizat,actualizare,data actualizării
nl: gepubliceerd,gepubliceerd op,geplaatst,gemaakt|bijgewerkt,laatst bijgewerkt,geüpdatet,gewijzigd,laatste update,laatst gewijzigd
sv: publicerad,publicerat,publicerades|uppdaterad,uppdaterat,uppdaterades,senast uppdaterad,ändrad
da: udgivet,publiceret,offentliggjort,oprettet|opdateret,sidst opdateret,ændret
no: publisert,publisert på|oppdatert,sist oppdatert,endret
is: birt,birtist|uppfært
fi: julkaistu|päivitetty,muokattu
pl: opublikowano,opublikowany,publikacja,data publikacji,utworzono,dodano|aktualizacja,zaktualizowano,ostatnia aktualizacja,data aktualizacji,aktualizowano
cs: publikováno,zveřejněno,vydáno,vytvořeno|aktualizováno,aktualizace,upraveno,poslední aktualizace
sk: publikované,zverejnené|aktualizované,aktualizácia
sl: objavljeno|posodobljeno
hr: objavljeno,objava|ažurirano,zadnja izmjena,izmijenjeno
sr: објављено|ажурирано,измењено
bg: публикувана,публикувано|обновена,обновено,актуализирана
ru: опубликовано,дата публикации,размещено,опубликован|обновлено,изменено,дата обновления,обновлён,обновление
uk: опубліковано,дата публікації|оновлено,змінено
el: δημοσίευση,δημοσιεύτηκε,δημοσιεύθηκε,ημερομηνία δημοσίευσης|ενημέρωση,ενημερώθηκε,τελευταία ενημέρωση,ανανεώθηκε
hu: megjelent,közzétéve,publikálva|frissítve,módosítva,frissült
id: diterbitkan,dipublikasikan,terbit,dibuat,tayang,ditayangkan,rilis|diperbarui,diperbaharui,diupdate,dimutakhirkan
ms: diterbitkan,terbit|dikemas kini,dikemaskini
sw: imechapishwa,ilichapishwa|imesasishwa,imeboreshwa
ne: प्रकाशित,प्रकाशित मिति,प्रकाशित मितिः|अपडेट,अद्यावधिक
mr: प्रकाशित,प्रसिद्ध|अपडेट,अद्ययावत
hi: प्रकाशित,पब्लिश्ड,पोस्टेड|अपडेट,अपडेटेड,अद्यतन,संशोधित
bn: প্রকাশ,প্রকাশিত,প্রকাশের তারিখ,প্রকাশকাল|আপডেট,হালনাগাদ,সর্বশেষ আপডেট
ta: வெளியிடப்பட்டது|புதுப்பிக்கப்பட்டது
th: เผยแพร่,เผยแพร่เมื่อ,โพสต์|ปรับปรุง,แก้ไข,อัปเดต,อัพเดท,อัปเดตล่าสุด
vi: đăng,xuất bản,đăng lúc,ngày đăng|cập nhật,cập nhật lúc
zh: 发布,发布时间,发布于,發布,發佈,发表,发表于,刊登,發表,发稿|更新,更新时间,更新于,最后更新,更新時間,最後更新,修改
ja: 公開,公開日,投稿,掲載,配信,公開日時,投稿日|更新,更新日,最終更新,更新日時,最終更新日
ko: 입력,등록,게재,작성,승인,기사입력|수정,업데이트,최종수정,수정일
`

// fillerTable has the words that may stand between the parts of a date, or between a date and its time or weekday.
const fillerTable = `
en: on,of,the,at,t,day,date,dated
ar: في,من,بتاريخ,شهر,سنة,لسنة,عام,لعام,يوم,الموافق,الموافق ل,الموافق لـ,ل,و,تاريخ,توقيت
fa: ماه,سال,روز,مورخ,تاریخ,در,برابر با,مصادف با
ur: کو,بروز,بمطابق,سنہ
ps: د,په
ckb: ی,لە,ڕۆژی,ساڵی,بەرواری
ku: li,sala,roja,ê,e,an,û,di
tr: günü,tarihi,tarihinde,yılı
he: ב,יום,בתאריך,ה
de: den,dem,der,am,vom
fr: le,du,de,d',l',en
es: de,del,el,a
ca: de,d',del
pt: de,do,em,dia
it: di,del,il,da
ro: pe,din
nl: op,de,van,om
sv: den,på
da: den,på,d
no: den,på,d
fi: na,ta
pl: dnia,roku,r,w,z
cs: dne,v,roku
sk: dňa,roku
hr: g,godine,u
sr: године,г,у
bg: г,от,на
ru: г,года,от,в
uk: р,року,від
be: г,года
kk: ж,жыл,жылғы
lt: m,d,metų
lv: gada,gads
hu: a
el: του,την,στις
id: tanggal,pada,tgl
ms: pada
sw: tarehe,mwaka
hi: को,की,तारीख
mr: रोजी,दिनांक
ne: गते,मिति,मितिः,सन्,साल,वि.सं,बि.सं,विसं
am: ቀን,ዓ.ም,ዓም,እ.ኤ.አ
km: ថ្ងៃ,ថ្ងៃទី,ទី,ខែ,ឆ្នាំ
lo: ວັນທີ,ທີ,ເດືອນ,ປີ
my: လ,နှစ်
vi: ngày,lúc
th: วันที่,พ.ศ,ค.ศ,เวลา,เมื่อ,ที่
ko: 의
ka: წლის
hy: թ
mn: оны,сарын,дугаар,дүгээр,р
ha: ga
`

// clockTable has the words that stand beside a clock time.
const clockTable = `
ar: الساعة,في الساعة,على الساعة,عند الساعة
fa: ساعت
ur: بجے,وقت
ckb: کاتژمێر,سەعات
ku: saet,demjimêr
tr: saat,saati
az: saat
he: בשעה,שעה
de: um,uhr
fr: à,vers
es: a las,a la,las,hrs,hs
ca: a les
pt: às,as,hs
it: alle,ore,alle ore
ro: ora,la ora
nl: om,uur
sv: kl,klockan
da: kl,klokken
no: kl,klokken,klokka
is: kl,klukkan
fi: klo,kello
et: kell
pl: o,godz,o godz,g
cs: v,ve,hodin
hr: u,h
ru: в,ч
uk: о,об
bg: в,ч
el: ώρα,στις
hu: óra,órakor
id: pukul,pkl,jam
ms: pukul,jam
sw: saa
hi: बजे
ne: बजे
km: ម៉ោង
lo: ເວລາ
bn: টায়,টা
vi: lúc,vào lúc
th: น,เวลา
`

// markTables have the marks of CJK and Vietnamese dates and of times such as 15h05: year, month, day, hour, minute,
// second.
var markTables = [...]string{
	"zh: 年\nja: 年\nko: 년,년도\nvi: năm\nhu: év\nmn: оны\nmy: ခုနှစ်,ခု",
	"zh: 月,月份\nja: 月\nko: 월\nvi: tháng,thg\nmn: сарын",
	"zh: 日,号,號\nja: 日\nko: 일\nmn: өдөр",
	"zh: 时,時,点,點\nja: 時\nko: 시\nvi: giờ,h\nfr: h,heures,heure\npt: h\nes: h\nro: h\npl: h",
	"zh: 分\nja: 分\nko: 분\nvi: phút,p\nfr: min\npt: min\nes: min",
	"zh: 秒\nja: 秒\nko: 초\nvi: giây\nfr: s\npt: s",
}

// ordinalTable has the endings that stand after a day's number.
const ordinalTable = `
en: st,nd,rd,th
fr: er,e
es: º
ca: º
ku: ê,e,ya,yê,an,yem,em
ckb: ی,ەم,ی ی
tr: inci,nci
nl: e,ste,de
sv: e
ru: го,е
el: η
`

// eraTables have the words that follow a year and say which calendar it counts in.
var eraTables = [...]string{
	Gregorian: "ar: م,ميلادي,ميلادية,للميلاد\nfa: میلادی\nur: عیسوی\nru: г\nuk: р\npl: r\nbg: г\nhr: g\nko: 년\nkk: ж",
	Jalali:    "fa: ش,ه.ش,ه ش,هش,خورشیدی,شمسی,هجری شمسی,هجری خورشیدی\nar: هجري شمسي",
	Ethiopian: "am: ዓ.ም,ዓም",
	Hijri:     "ar: ه,هـ,هجري,هجرية,للهجرة\nfa: ه.ق,ه ق,هجری قمری,قمری\nur: ہجری,ھ",
}

// yearEras gives the year before the first one of an era that stands before the year (令和6年 is 2024).
var yearEras = map[string]int{"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
