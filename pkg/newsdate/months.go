package newsdate

// monthTable names the months of the Gregorian calendar: nominative, the form that stands in a date, abbreviations.
// Arabic has four sets in one line: Egypt and the Gulf, Iraq and the Levant, Tunisia and Algeria, Morocco.
const monthTable = `
en: january,jan|february,feb,febr|march,mar|april,apr|may|june,jun|july,jul|august,aug|september,sep,sept|october,oct|november,nov|december,dec
ar: يناير,كانون الثاني,كانون ثاني,كانون ثان,جانفي,جانفى|فبراير,فبرير,شباط,فيفري,فيبراير|مارس,آذار|أبريل,نيسان,أفريل,ابرايل|مايو,أيار,ماي,مايس|يونيو,يونية,حزيران,جوان|يوليو,يولية,تموز,جويلية,يوليوز,جولية|أغسطس,اغسطوس,أوغسطس,آب,أوت,أاوت,غشت,أغشت|سبتمبر,أيلول,شتنبر,شتمبر|أكتوبر,أوكتوبر,تشرين الأول,تشرين أول,تشرين الاولى|نوفمبر,تشرين الثاني,تشرين ثاني,تشرين ثان,نونبر,نوفنبر|ديسمبر,دسمبر,كانون الأول,كانون أول,دجنبر,دجمبر
fa: ژانویه,ژانویهٔ,جنوری|فوریه,فوریهٔ,فبروری|مارس,مارچ|آوریل,آپریل,اوریل,اپریل|مه!,می,مهٔ|ژوئن,جون|ژوئیه,ژوئیهٔ,جولای,جولاي|اوت,آگوست,اگست,آگست|سپتامبر,سپتمبر|اکتبر,اکتوبر|نوامبر,نومبر|دسامبر,دسمبر
ur: جنوری|فروری|مارچ|اپریل|مئی|جون|جولائی|اگست|ستمبر|اکتوبر|نومبر|دسمبر
ps: جنوري|فبروري|مارچ|اپرېل,اپریل|مۍ,می|جون|جولای|اګست|سپټمبر,سپتمبر,سېپتمبر|اکتوبر|نومبر|ډسمبر
sd: جنوري|فيبروري|مارچ|اپريل|مئي|جون|جولاءِ|آگسٽ|سيپٽمبر|آڪٽوبر|نومبر|ڊسمبر
ug: يانۋار|فېۋرال|مارت|ئاپرېل|ماي|ئىيۇن|ئىيۇل|ئاۋغۇست|سېنتەبىر|ئۆكتەبىر|نويابىر|دېكابىر
ckb+ی: کانوونی دووەم,کانونی دووەم,کانوونی دووهەم,جانیوەری,جانیوێری,یەنایەر,ژانویە|شوبات,شوبات,فێبریوەری,فێبروەری|ئازار,ئادار,مارت,مارچ|نیسان,ئەپریل,ئاپریل,ئەپرێل|ئایار,مایس,مەی|حوزەیران,حوزەیرن,جوون|تەمووز,تەموز,تەممووز,جولای|ئاب,ئۆگست,ئاگۆست,ئۆگەست|ئەیلوول,ئەیلول,سێپتەمبەر,سێپتێمبەر|تشرینی یەکەم,ئۆکتۆبەر,ئۆکتۆبر|تشرینی دووەم,نۆڤەمبەر,نۆڤێمبەر|کانوونی یەکەم,کانونی یەکەم,دیسەمبەر,دێسەمبەر,دیسێمبەر
ku+a+ê+î: rêbendan,çile,çileya paşîn,çileya paşîna,kanûna paşîn,kanûna duyem,kanûna duyê|reşemî,reşemeh,sibat,şubat|adar,avdar|nîsan,avrêl|gulan|hezîran,pûşper|tîrmeh,temmûz|tebax|îlon,rezber|cotmeh,kewçêr,çirîya pêşîn,çiriya pêşîn|mijdar,çirîya paşîn,çiriya paşîn|kanûn,berfanbar,kanûna pêşîn,kanûna yekem,çileya pêşîn
tr: ocak,oca|şubat,şub|mart|nisan,nis|mayıs|haziran,haz|temmuz,tem|ağustos,ağu|eylül,eyl|ekim,eki|kasım,kas|aralık,ara
az: yanvar,yan|fevral,fev|mart|aprel,apr|may|iyun,iyn|iyul,iyl|avqust,avq|sentyabr,sen|oktyabr,okt|noyabr,noy|dekabr,dek
tk: ýanwar,ýan|fewral,few|mart|aprel|maý|iýun|iýul|awgust|sentýabr|oktýabr|noýabr|dekabr
uz: yanvar,yan|fevral,fev|mart|aprel,apr|may|iyun,iyn|iyul,iyl|avgust|sentabr,sentyabr|oktabr,oktyabr|noyabr|dekabr
he: ינואר,בינואר,ינו,בינו|פברואר,בפברואר,פבר,בפבר|מרץ,מרס,במרץ,במרס|אפריל,באפריל,אפר,באפר|מאי,במאי|יוני,ביוני|יולי,ביולי|אוגוסט,באוגוסט,אוג,באוג|ספטמבר,בספטמבר,ספט,בספט|אוקטובר,באוקטובר,אוק,באוק|נובמבר,בנובמבר,נוב,בנוב|דצמבר,בדצמבר,דצמ,בדצמ
de: januar,jänner,jan,jän|februar,feber,feb|märz,mär,mrz,maerz|april,apr|mai|juni,jun|juli,jul|august,aug|september,sep,sept|oktober,okt|november,nov|dezember,dez
fr: janvier,janv,jan|février,févr,fév|mars|avril,avr|mai|juin,juin|juillet,juil,juill|août,aout|septembre,sept|octobre,oct|novembre,nov|décembre,déc
es: enero,ene|febrero,feb|marzo,mar|abril,abr|mayo,may|junio,jun|julio,jul|agosto,ago|septiembre,setiembre,sep,sept,set|octubre,oct|noviembre,nov|diciembre,dic
ca: gener,gen|febrer,febr|març|abril|maig|juny|juliol,jul|agost,ag|setembre,set|octubre,oct|novembre,nov|desembre,des
gl: xaneiro,xan|febreiro,feb|marzo,mar|abril,abr|maio|xuño,xuñ|xullo,xul|agosto,ago|setembro,set|outubro,out|novembro,nov|decembro,dec
eu: urtarrila,urtarrilak,urtarrilaren|otsaila,otsailak,otsailaren|martxoa,martxoak,martxoaren|apirila,apirilak,apirilaren|maiatza,maiatzak,maiatzaren|ekaina,ekainak,ekainaren|uztaila,uztailak,uztailaren|abuztua,abuztuak,abuztuaren|iraila,irailak,irailaren|urria,urriak,urriaren|azaroa,azaroak,azaroaren|abendua,abenduak,abenduaren
pt: janeiro,jan|fevereiro,fev|março,mar|abril,abr|maio,mai|junho,jun|julho,jul|agosto,ago|setembro,set|outubro,out|novembro,nov|dezembro,dez
it: gennaio,gen,genn|febbraio,feb,febbr|marzo,mar|aprile,apr|maggio,mag,magg|giugno,giu|luglio,lug|agosto,ago|settembre,set,sett|ottobre,ott|novembre,nov|dicembre,dic
ro: ianuarie,ian|februarie,feb,febr|martie,mar|aprilie,apr|mai|iunie,iun|iulie,iul|august,aug|septembrie,sept|octombrie,oct|noiembrie,nov,noi|decembrie,dec
nl: januari,jan|februari,feb|maart,mrt|april,apr|mei|juni,jun|juli,jul|augustus,aug|september,sep,sept|oktober,okt|november,nov|december,dec
af: januarie|februarie|maart,mrt|april|mei|junie|julie|augustus|september|oktober|november|desember
fy: jannewaris|febrewaris|maart|april|maaie|juny|july|augustus|septimber|oktober|novimber|desimber
lb: januar|februar|mäerz|abrëll|mee|juni|juli|august|september|oktober|november|dezember
sv: januari,jan|februari,feb|mars|april,apr|maj|juni,jun|juli,jul|augusti,aug|september,sept,sep|oktober,okt|november,nov|december,dec
da: januar,jan|februar,feb|marts|april,apr|maj|juni,jun|juli,jul|august,aug|september,sep,sept|oktober,okt|november,nov|december,dec
no: januar,jan|februar,feb|mars|april,apr|mai|juni,jun|juli,jul|august,aug|september,sep,sept|oktober,okt|november,nov|desember,des
is: janúar,jan|febrúar,feb|mars|apríl,apr|maí|júní,jún|júlí,júl|ágúst,ágú|september,sep,sept|október,okt|nóvember,nóv|desember,des
fo: januar|februar|mars|apríl|mai|juni|juli|august|september|oktober|november|desember
kl+p: januaari|februaari|marsi|apriili|maaji|juuni|juuli|aggusti|septembari|oktobari|novembari|decembari
fi: tammikuu,tammikuuta,tammikuun,tammi|helmikuu,helmikuuta,helmikuun,helmi|maaliskuu,maaliskuuta,maaliskuun,maalis|huhtikuu,huhtikuuta,huhtikuun,huhti|toukokuu,toukokuuta,toukokuun,touko|kesäkuu,kesäkuuta,kesäkuun,kesä|heinäkuu,heinäkuuta,heinäkuun,heinä|elokuu,elokuuta,elokuun,elo|syyskuu,syyskuuta,syyskuun,syys|lokakuu,lokakuuta,lokakuun,loka|marraskuu,marraskuuta,marraskuun,marras|joulukuu,joulukuuta,joulukuun,joulu
et: jaanuar,jaan|veebruar,veebr|märts|aprill|mai|juuni|juuli|august|september|oktoober,okt|november|detsember,dets
lv: janvāris,janvārī,janvāra,janv|februāris,februārī,februāra,febr|marts,martā,marta|aprīlis,aprīlī,aprīļa|maijs,maijā,maija|jūnijs,jūnijā,jūnija,jūn|jūlijs,jūlijā,jūlija,jūl|augusts,augustā,augusta|septembris,septembrī,septembra|oktobris,oktobrī,oktobra|novembris,novembrī,novembra|decembris,decembrī,decembra
lt: sausis,sausio,saus|vasaris,vasario,vas|kovas,kovo|balandis,balandžio,bal|gegužė,gegužės,geg|birželis,birželio,birž|liepa,liepos|rugpjūtis,rugpjūčio,rugp|rugsėjis,rugsėjo,rugs|spalis,spalio,spal|lapkritis,lapkričio,lapkr|gruodis,gruodžio,gruod
pl: styczeń,stycznia,sty|luty,lutego,lut|marzec,marca,mar|kwiecień,kwietnia,kwi|maj,maja|czerwiec,czerwca,cze|lipiec,lipca,lip|sierpień,sierpnia,sie|wrzesień,września,wrz|październik,października,paź|listopad,listopada,lis|grudzień,grudnia,gru
cs: leden,ledna,led|únor,února,úno|březen,března,bře|duben,dubna,dub|květen,května,kvě|červen,června,čvn|červenec,července,čvc|srpen,srpna,srp|září,zář|říjen,října,říj|listopad,listopadu,lis|prosinec,prosince,pro
sk: január,januára,jan|február,februára,feb|marec,marca,mar|apríl,apríla,apr|máj,mája|jún,júna|júl,júla|august,augusta,aug|september,septembra,sep|október,októbra,okt|november,novembra,nov|december,decembra,dec
sl: januar,januarja|februar,februarja|marec,marca|april,aprila|maj,maja|junij,junija|julij,julija|avgust,avgusta,avg|september,septembra|oktober,oktobra|november,novembra|december,decembra
hr: siječanj,siječnja,sij|veljača,veljače,velj|ožujak,ožujka,ožu|travanj,travnja,tra|svibanj,svibnja,svi|lipanj,lipnja,lip|srpanj,srpnja,srp|kolovoz,kolovoza,kol|rujan,rujna,ruj|listopad,listopada,lis|studeni,studenoga,studenog,stu|prosinac,prosinca,pro
sr: јануар,јануара,јан,januar,januara|фебруар,фебруара,феб,februar,februara|март,марта,мар,mart,marta|април,априла,апр,april,aprila|мај,маја,maj,maja|јун,јуна,јуни,jun,juna,juni|јул,јула,јули,jul,jula,juli|август,августа,авг,avgust,avgusta|септембар,септембра,сеп,septembar,septembra|октобар,октобра,окт,oktobar,oktobra|новембар,новембра,нов,novembar,novembra|децембар,децембра,дец,decembar,decembra
bs: januar,januara|februar,februara|mart,marta|april,aprila|maj,maja|juni,juna|juli,jula|august,augusta|septembar,septembra|oktobar,oktobra|novembar,novembra|decembar,decembra
mk: јануари,јан|февруари,фев|март,мар|април,апр|мај|јуни,јун|јули,јул|август,авг|септември,септ|октомври,окт|ноември,ное,ноем|декември,дек
bg: януари,яну|февруари,фев|март|април,апр|май|юни|юли|август,авг|септември,септ|октомври,окт|ноември,ноем|декември,дек
ru: январь,января,янв|февраль,февраля,фев,февр|март,марта,мар|апрель,апреля,апр|май,мая|июнь,июня,июн|июль,июля,июл|август,августа,авг|сентябрь,сентября,сен,сент|октябрь,октября,окт|ноябрь,ноября,ноя,нояб|декабрь,декабря,дек
uk: січень,січня,січ|лютий,лютого,лют|березень,березня,бер|квітень,квітня,квіт|травень,травня,трав|червень,червня,черв|липень,липня,лип|серпень,серпня,серп|вересень,вересня,вер|жовтень,жовтня,жовт|листопад,листопада,лист|грудень,грудня,груд
be: студзень,студзеня,сту|люты,лютага,лют|сакавік,сакавіка,сак|красавік,красавіка,кра|май,мая,травень,траўня|чэрвень,чэрвеня,чэр|ліпень,ліпеня,ліп|жнівень,жніўня,жні|верасень,верасня,вер|кастрычнік,кастрычніка,кас|лістапад,лістапада,ліс|снежань,снежня,сне
kk: қаңтар,қаң|ақпан,ақп|наурыз,нау|сәуір,сәу|мамыр,мам|маусым,мау|шілде,шіл|тамыз,там|қыркүйек,қыр|қазан,қаз|қараша,қар|желтоқсан,жел
ky: январь,янв|февраль,фев|март,мар|апрель,апр|май|июнь,июн|июль,июл|август,авг|сентябрь,сен|октябрь,окт|ноябрь,ноя|декабрь,дек
tg: январ,январи|феврал,феврали|март,марти|апрел,апрели|май,майи|июн,июни|июл,июли|август,августи|сентябр,сентябри|октябр,октябри|ноябр,ноябри|декабр,декабри
mn: нэгдүгээр сар,нэгдүгээр сарын|хоёрдугаар сар,хоёрдугаар сарын|гуравдугаар сар,гуравдугаар сарын|дөрөвдүгээр сар,дөрөвдүгээр сарын|тавдугаар сар,тавдугаар сарын|зургаадугаар сар,зургаадугаар сарын|долдугаар сар,долдугаар сарын,долоодугаар сар,долоодугаар сарын|наймдугаар сар,наймдугаар сарын|есдүгээр сар,есдүгээр сарын|аравдугаар сар,аравдугаар сарын|арван нэгдүгээр сар,арваннэгдүгээр сар,арваннэгдүгээр сарын|арван хоёрдугаар сар,арванхоёрдугаар сар,арванхоёрдугаар сарын
el: ιανουάριος,ιανουαρίου,ιαν|φεβρουάριος,φεβρουαρίου,φεβ,φεβρ|μάρτιος,μαρτίου,μαρ,μαρτ|απρίλιος,απριλίου,απρ|μάιος,μαΐου,μαΐ,μάη|ιούνιος,ιουνίου,ιουν|ιούλιος,ιουλίου,ιουλ|αύγουστος,αυγούστου,αυγ|σεπτέμβριος,σεπτεμβρίου,σεπ,σεπτ|οκτώβριος,οκτωβρίου,οκτ|νοέμβριος,νοεμβρίου,νοε,νοεμ|δεκέμβριος,δεκεμβρίου,δεκ
sq: janar,jan|shkurt,shk|mars|prill,pri|maj|qershor,qer|korrik,korr|gusht,gush|shtator,sht|tetor,tet|nëntor,nën|dhjetor,dhj
hu: január,januári,jan|február,februári,febr|március,márciusi,márc|április,áprilisi,ápr|május,májusi,máj|június,júniusi,jún|július,júliusi,júl|augusztus,augusztusi,aug|szeptember,szeptemberi,szept|október,októberi,okt|november,novemberi,nov|december,decemberi,dec
mt: jannar|frar|marzu|april|mejju|ġunju|lulju|awwissu|settembru|ottubru|novembru|diċembru
ga: eanáir|feabhra|márta|aibreán|bealtaine|meitheamh|iúil|lúnasa|meán fómhair|deireadh fómhair|samhain|nollaig
cy: ionawr|chwefror|mawrth|ebrill|mai|mehefin|gorffennaf|awst|medi|hydref|tachwedd|rhagfyr
hy: հունվար,հունվարի,հնվ|փետրվար,փետրվարի,փտվ|մարտ,մարտի,մրտ|ապրիլ,ապրիլի,ապր|մայիս,մայիսի,մյս|հունիս,հունիսի,հնս|հուլիս,հուլիսի,հլս|օգոստոս,օգոստոսի,օգս|սեպտեմբեր,սեպտեմբերի,սեպ|հոկտեմբեր,հոկտեմբերի,հոկ|նոյեմբեր,նոյեմբերի,նոյ|դեկտեմբեր,դեկտեմբերի,դեկ
ka: იანვარი,იანვარს,იან|თებერვალი,თებერვალს,თებ|მარტი,მარტს,მარ|აპრილი,აპრილს,აპრ|მაისი,მაისს,მაი|ივნისი,ივნისს,ივნ|ივლისი,ივლისს,ივლ|აგვისტო,აგვისტოს,აგვ|სექტემბერი,სექტემბერს,სექ|ოქტომბერი,ოქტომბერს,ოქტ|ნოემბერი,ნოემბერს,ნოე|დეკემბერი,დეკემბერს,დეკ
id: januari,jan|februari,pebruari,feb|maret,mar|april,apr|mei|juni,jun|juli,jul|agustus,agu,ags,agt|september,sep,sept|oktober,okt|november,nopember,nov,nop|desember,des
ms: januari|februari|mac|april|mei|jun|julai|ogos,ogo|september|oktober|november|disember,dis
fil: enero,ene|pebrero,peb|marso,mar|abril,abr|mayo,may|hunyo,hun|hulyo,hul|agosto,ago|setyembre,set|oktubre,okt|nobyembre,nob|disyembre,dis
sw: januari|februari|machi|aprili|mei|juni|julai|agosti|septemba|oktoba|novemba|desemba
so: janaayo,jannaayo|febraayo|maarso|abriil|maayo|juunyo|luulyo|agoosto|sebtembar,sebteembar|oktoobar|nofembar|desembar
ha: janairu|fabrairu|maris|afrilu|mayu|yuni|yuli|agusta|satumba|oktoba|nuwamba|disamba
hi: जनवरी,जन|फ़रवरी,फरवरी,फर,फ़र|मार्च|अप्रैल|मई|जून|जुलाई,जुल|अगस्त,अग|सितंबर,सितम्बर,सितं,सित|अक्टूबर,अक्तूबर,अक्टू,अक्तू|नवंबर,नवम्बर,नव,नवं|दिसंबर,दिसम्बर,दिस,दिसं
mr: जानेवारी,जाने|फेब्रुवारी,फेब्रु|मार्च|एप्रिल|मे|जून|जुलै|ऑगस्ट,ऑग|सप्टेंबर,सप्टें|ऑक्टोबर,ऑक्टो|नोव्हेंबर,नोव्हें|डिसेंबर,डिसें
bn: জানুয়ারি,জানুয়ারী,জানুয়ারি,জানুয়ারী,জানু|ফেব্রুয়ারি,ফেব্রুয়ারী,ফেব্রুয়ারি,ফেব্রুয়ারী,ফেব|মার্চ|এপ্রিল,এপ্রি|মে|জুন|জুলাই,জুল|আগস্ট,অগস্ট,আগষ্ট,অগাস্ট,আগষ্ট|সেপ্টেম্বর,সেপ্ট|অক্টোবর,অক্টো|নভেম্বর,নভে|ডিসেম্বর,ডিসে
or: ଜାନୁଆରୀ|ଫେବୃଆରୀ,ଫେବ୍ରୁଆରୀ|ମାର୍ଚ୍ଚ|ଅପ୍ରେଲ,ଏପ୍ରିଲ|ମଇ|ଜୁନ|ଜୁଲାଇ|ଅଗଷ୍ଟ|ସେପ୍ଟେମ୍ବର|ଅକ୍ଟୋବର|ନଭେମ୍ବର|ଡିସେମ୍ବର
dv: ޖަނަވަރީ|ފެބްރުއަރީ|މާރިޗު,މާރޗް|އެޕްރީލް,އޭޕްރިލް|މޭ,މެއި|ޖޫން|ޖުލައި|އޯގަސްޓް,އޮގަސްޓް|ސެޕްޓެމްބަރު,ސެޕްޓެންބަރު|އޮކްޓޯބަރު|ނޮވެމްބަރު,ނޮވެންބަރު|ޑިސެމްބަރު,ޑިސެންބަރު
gu: જાન્યુઆરી,જાન્યુ|ફેબ્રુઆરી,ફેબ્રુ|માર્ચ|એપ્રિલ|મે|જૂન|જુલાઈ|ઑગસ્ટ,ઓગસ્ટ|સપ્ટેમ્બર|ઑક્ટોબર,ઓક્ટોબર,ઑક્ટો|નવેમ્બર,નવે|ડિસેમ્બર,ડિસે
pa: ਜਨਵਰੀ,ਜਨ|ਫ਼ਰਵਰੀ,ਫਰਵਰੀ,ਫ਼ਰ|ਮਾਰਚ|ਅਪ੍ਰੈਲ,ਅਪ੍ਰੈ|ਮਈ|ਜੂਨ|ਜੁਲਾਈ|ਅਗਸਤ|ਸਤੰਬਰ|ਅਕਤੂਬਰ|ਨਵੰਬਰ|ਦਸੰਬਰ
ta: ஜனவரி,ஜன|பிப்ரவரி,பிப்|மார்ச்,மார்|ஏப்ரல்,ஏப்|மே|ஜூன்|ஜூலை|ஆகஸ்ட்,ஆக|செப்டம்பர்,செப்|அக்டோபர்,அக்|நவம்பர்,நவ|டிசம்பர்,டிச
te: జనవరి,జన|ఫిబ్రవరి,ఫిబ్ర|మార్చి|ఏప్రిల్|మే|జూన్|జులై,జూలై|ఆగస్టు|సెప్టెంబర్|అక్టోబర్|నవంబర్|డిసెంబర్
kn: ಜನವರಿ,ಜನ|ಫೆಬ್ರವರಿ,ಫೆಬ್ರ|ಮಾರ್ಚ್|ಏಪ್ರಿಲ್|ಮೇ|ಜೂನ್|ಜುಲೈ|ಆಗಸ್ಟ್|ಸೆಪ್ಟೆಂಬರ್|ಅಕ್ಟೋಬರ್|ನವೆಂಬರ್|ಡಿಸೆಂಬರ್
ml: ജനുവരി,ജനു|ഫെബ്രുവരി,ഫെബ്രു|മാർച്ച്|ഏപ്രിൽ|മേയ്|ജൂൺ|ജൂലൈ|ഓഗസ്റ്റ്|സെപ്റ്റംബർ|ഒക്ടോബർ,ഒക്ടോബർ|നവംബർ|ഡിസംബർ
si: ජනවාරි|පෙබරවාරි|මාර්තු|අප්රේල්,අප්රේල්|මැයි|ජූනි|ජූලි|අගෝස්තු|සැප්තැම්බර්|ඔක්තෝබර්|නොවැම්බර්|දෙසැම්බර්
ne: जनवरी|फेब्रुअरी|मार्च|अप्रिल|मे|जुन|जुलाई|अगस्ट|सेप्टेम्बर|अक्टोबर|नोभेम्बर|डिसेम्बर
th: มกราคม,ม.ค|กุมภาพันธ์,ก.พ|มีนาคม,มี.ค|เมษายน,เม.ย|พฤษภาคม,พ.ค|มิถุนายน,มิ.ย|กรกฎาคม,ก.ค|สิงหาคม,ส.ค|กันยายน,ก.ย|ตุลาคม,ต.ค|พฤศจิกายน,พ.ย|ธันวาคม,ธ.ค
lo: ມັງກອນ,ມ.ກ|ກຸມພາ,ກ.ພ|ມີນາ,ມ.ນ|ເມສາ,ມ.ສ|ພຶດສະພາ,ພ.ພ|ມິຖຸນາ,ມິ.ຖ|ກໍລະກົດ,ກ.ລ|ສິງຫາ,ສ.ຫ|ກັນຍາ,ກ.ຍ|ຕຸລາ,ຕ.ລ|ພະຈິກ,ພ.ຈ|ທັນວາ,ທ.ວ
km: មករា|កុម្ភៈ|មីនា|មេសា|ឧសភា|មិថុនា|កក្កដា|សីហា|កញ្ញា|តុលា|វិច្ឆិកា|ធ្នូ
my+လ: ဇန်နဝါရီ|ဖေဖော်ဝါရီ|မတ်|ဧပြီ|မေ|ဇွန်|ဇူလိုင်|ဩဂုတ်,သြဂုတ်|စက်တင်ဘာ|အောက်တိုဘာ|နိုဝင်ဘာ|ဒီဇင်ဘာ
ti!: ጥሪ|ለካቲት|መጋቢት|ሚያዝያ|ግንቦት|ሰነ|ሓምለ|ነሓሰ|መስከረም|ጥቅምቲ|ሕዳር|ታሕሳስ
am: ጃንዩወሪ|ፌብሩወሪ|ማርች|ኤፕሪል|ሜይ|ጁን|ጁላይ|ኦገስት|ሴፕቴምበር|ኦክቶበር|ኖቬምበር|ዲሴምበር
zu: januwari|februwari|mashi|ephreli|meyi|juni|julayi|agasti|septhemba|okthoba|novemba|disemba
zh: 一月|二月|三月|四月|五月|六月|七月|八月|九月|十月|十一月|十二月
`

// jalaliMonthTable names the months of the Solar Hijri calendar: Iran's, Afghanistan's in Dari and Pashto, and the
// Kurdish ones, which begin on the same days.
const jalaliMonthTable = `
fa+ماه+ ماه: فروردین|اردیبهشت|خرداد|تیر|مرداد,امرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند
prs: حمل|ثور|جوزا|سرطان|اسد|سنبله|میزان|عقرب|قوس|جدی|دلو|حوت
ps: وری|غویی|غبرګولی|چنګاښ|زمری|وږی|تله|لړم|لیندۍ|مرغومی|سلواغه|کب
ckb+ی: خاکەلێوە|گوڵان,بانەمەڕ|جۆزەردان|پووشپەڕ,پوشپەڕ|گەلاوێژ|خەرمانان|ڕەزبەر|گەڵاڕێزان,خەزەڵوەر|سەرماوەز|بەفرانبار|ڕێبەندان|ڕەشەمێ,ڕەشەمە
fa: farvardin|ordibehesht,ordibehest|khordad|tir|mordad|shahrivar|mehr|aban|azar|dey|bahman|esfand
`

// hijriMonthTable names the months of the lunar Hijri calendar.
const hijriMonthTable = `
ar: محرم,المحرم,محرم الحرام|صفر,صفر الخير|ربيع الأول,ربيع أول|ربيع الثاني,ربيع الآخر,ربيع ثاني|جمادى الأولى,جمادى الأول,جمادى الاول|جمادى الآخرة,جمادى الثانية,جمادى الآخر,جمادى الثاني|رجب|شعبان|رمضان,رمضان المبارك|شوال|ذو القعدة,ذي القعدة,ذوالقعدة,ذيالقعدة|ذو الحجة,ذي الحجة,ذوالحجة,ذيالحجة
fa: محرم|صفر|ربیعالاول,ربیع الاول|ربیعالثانی,ربیع الثانی|جمادیالاول,جمادی الاول,جمادیالاولی|جمادیالثانی,جمادی الثانی|رجب|شعبان|رمضان|شوال|ذیقعده,ذیالقعده|ذیحجه,ذیالحجه
ur: محرم الحرام|صفر المظفر|ربیع الاول|ربیع الثانی|جمادی الاول,جمادی الاولیٰ|جمادی الثانی,جمادی الآخر|رجب المرجب|شعبان المعظم|رمضان المبارک|شوال المکرم|ذیقعد,ذوالقعدہ,ذی القعد|ذی الحج,ذوالحجہ,ذوالحج
tr: muharrem|safer|rebiülevvel,rebiulevvel|rebiülahir|cemaziyelevvel|cemaziyelahir|recep,receb|şaban|ramazan|şevval|zilkade|zilhicce
en: muharram|safar|rabi al awwal,rabi ul awwal,rabi i|rabi al thani,rabi ul thani,rabi ii|jumada al awwal,jumada al ula,jumada i|jumada al thani,jumada al akhirah,jumada ii|rajab|shaban,sha'ban|ramadan,ramadhan|shawwal|dhu al qadah,dhul qadah,dhu al qidah|dhu al hijjah,dhul hijjah,zulhijjah
id: muharam|safar|rabiul awal|rabiul akhir|jumadil awal|jumadil akhir|rajab|syaban|ramadhan|syawal|zulkaidah,dzulkaidah|zulhijah,dzulhijjah
`

// ethiopianMonthTable names the months of the Ethiopian calendar in Amharic, which stand beside text in other languages too; Tigrinya
// papers count as Eritrea does, in ours.
const ethiopianMonthTable = `
am: መስከረም|ጥቅምት|ኅዳር,ህዳር,ሕዳር|ታኅሣሥ,ታኅሳስ,ታህሳስ,ታህሣሥ,ታሕሳስ|ጥር|የካቲት|መጋቢት|ሚያዝያ,ሚያዚያ|ግንቦት|ሰኔ|ሐምሌ,ሀምሌ,ሃምሌ|ነሐሴ,ነሀሴ,ነሃሴ|ጳጉሜ,ጳጉሜን,ጷጉሜን
`

// sambatMonthTable names the months of Bikram Sambat, in the two forms of Nepali.
const sambatMonthTable = `
ne!: वैशाख,बैशाख,बैसाख|जेठ,जेष्ठ,ज्येष्ठ|असार,आषाढ,अषाढ|साउन,श्रावण,सावन|भदौ,भाद्र|असोज,आश्विन,आसोज|कात्तिक,कार्तिक,कातिक|मंसिर,मङ्सिर,मार्ग|पुस,पुष,पौष|माघ|फागुन,फाल्गुन,फागुण|चैत,चैत्र
`

// hebrewMonthTable names the months of the Hebrew calendar. Such dates are not read (a Gregorian one stands beside
// them), but they may stand between a date and its time.
const hebrewMonthTable = `
he: תשרי|חשוון,חשון|כסלו|טבת|שבט|אדר|ניסן|אייר|סיוון,סיון|תמוז|אב|אלול
`

// weekdayTable names the days of the week, Sunday first.
const weekdayTable = `
en: sunday,sun|monday,mon|tuesday,tue,tues|wednesday,wed|thursday,thu,thur,thurs|friday,fri|saturday,sat
ar: الأحد,أحد,احد|الاثنين,الإثنين,اثنين,الأثنين|الثلاثاء,الثلثاء,ثلاثاء|الأربعاء,اربعاء,الاربعا|الخميس,خميس|الجمعة,جمعة|السبت,سبت
fa: یکشنبه,یک شنبه|دوشنبه,دو شنبه|سهشنبه,سه شنبه|چهارشنبه,چهار شنبه|پنجشنبه,پنج شنبه|جمعه,آدینه|شنبه
ur: اتوار|پیر,سوموار|منگل|بدھ|جمعرات|جمعہ,جمعۃ المبارک|ہفتہ,سنیچر
ps: یکشنبه|دوشنبه|سه شنبه|چارشنبه|پنجشنبه,پنځشنبه|جمعه|شنبه
ckb: یەکشەممە,یەک شەممە,یەکشەم|دووشەممە,دوو شەممە,دوشەممە|سێشەممە,سێ شەممە|چوارشەممە,چوار شەممە|پێنجشەممە,پێنج شەممە|هەینی,ھەینی,جومعە|شەممە
ku: yekşem,yekşemê,yekşemî|duşem,duşemê,duşemî|sêşem,sêşemê,sêşemî|çarşem,çarşemê,çarşemî|pêncşem,pêncşemê,pêncşemî|în,înê,înî|şemî,şemiyê,şemîyê
tr: pazar,paz|pazartesi,pzt|salı,sal|çarşamba,çar|perşembe,per|cuma,cum|cumartesi,cmt
az: bazar|bazar ertəsi|çərşənbə axşamı|çərşənbə|cümə axşamı|cümə|şənbə
he: ראשון|שני|שלישי|רביעי|חמישי|שישי,ששי|שבת
de: sonntag,so|montag,mo|dienstag,di|mittwoch,mi|donnerstag,do|freitag,fr|samstag,sonnabend,sa
fr: dimanche,dim|lundi,lun|mardi,mar|mercredi,mer|jeudi,jeu|vendredi,ven|samedi,sam
es: domingo,dom|lunes,lun|martes,mar|miércoles,mié|jueves,jue|viernes,vie|sábado,sáb
ga: domhnaigh|luain|máirt|céadaoin|déardaoin|haoine|sathairn
ca: diumenge|dilluns|dimarts|dimecres|dijous|divendres|dissabte
pt: domingo,dom|segunda,segunda feira,seg|terça,terça feira,ter|quarta,quarta feira,qua|quinta,quinta feira,qui|sexta,sexta feira,sex|sábado,sáb
it: domenica,dom|lunedì,lun|martedì,mar|mercoledì,mer|giovedì,gio|venerdì,ven|sabato,sab
ro: duminică,dum|luni,lun|marți,mar|miercuri,mie|joi|vineri,vin|sâmbătă,sâm
nl: zondag,zo|maandag,ma|dinsdag,di|woensdag,wo|donderdag,do|vrijdag,vr|zaterdag,za
af: sondag|maandag|dinsdag|woensdag|donderdag|vrydag|saterdag
sv: söndag,sön|måndag,mån|tisdag,tis|onsdag,ons|torsdag,tors,tor|fredag,fre|lördag,lör
da: søndag,søn|mandag,man|tirsdag,tirs,tir|onsdag,ons|torsdag,tors,tor|fredag,fre|lørdag,lør
no: søndag,søn|mandag,man|tirsdag,tir|onsdag,ons|torsdag,tor|fredag,fre|lørdag,lør
is: sunnudagur,sunnudaginn,sun|mánudagur,mánudaginn,mán|þriðjudagur,þriðjudaginn,þri|miðvikudagur,miðvikudaginn,mið|fimmtudagur,fimmtudaginn,fim|föstudagur,föstudaginn,fös|laugardagur,laugardaginn,lau
fi: sunnuntai,sunnuntaina,su|maanantai,maanantaina,ma|tiistai,tiistaina,ti|keskiviikko,keskiviikkona,ke|torstai,torstaina,to|perjantai,perjantaina,pe|lauantai,lauantaina,la
et: pühapäev|esmaspäev|teisipäev|kolmapäev|neljapäev|reede|laupäev
lv: svētdiena|pirmdiena|otrdiena|trešdiena|ceturtdiena|piektdiena|sestdiena
lt: sekmadienis|pirmadienis|antradienis|trečiadienis|ketvirtadienis|penktadienis|šeštadienis
pl: niedziela,niedz|poniedziałek,pon|wtorek,wt|środa,śr|czwartek,czw|piątek,pt|sobota,sob
cs: neděle,ne|pondělí,po|úterý,út|středa,st|čtvrtek,čt|pátek,pá|sobota,so
sk: nedeľa|pondelok|utorok|streda|štvrtok|piatok|sobota
sl: nedelja|ponedeljek|torek|sreda|četrtek|petek|sobota
hr: nedjelja,ned|ponedjeljak,pon|utorak,uto|srijeda,sri|četvrtak,čet|petak,pet|subota,sub
sr: недеља,nedelja|понедељак,ponedeljak|уторак|среда|четвртак|петак|субота
bg: неделя|понеделник|вторник|сряда|четвъртък|петък|събота
ru: воскресенье,вс|понедельник,пн|вторник,вт|среда,ср|четверг,чт|пятница,пт|суббота,сб
uk: неділя,нд|понеділок,пн|вівторок,вт|середа,ср|четвер,чт|п'ятниця,пятниця,пт|субота,сб
kk: жексенбі|дүйсенбі|сейсенбі|сәрсенбі|бейсенбі|жұма|сенбі
el: κυριακή,κυρ|δευτέρα,δευ|τρίτη,τρι|τετάρτη,τετ|πέμπτη,πεμ|παρασκευή,παρ|σάββατο,σαβ
sq: e diel,diel|e hënë,hënë|e martë,martë|e mërkurë,mërkurë|e enjte,enjte|e premte,premte|e shtunë,shtunë
hu: vasárnap|hétfő|kedd|szerda|csütörtök|péntek|szombat
hy: կիրակի|երկուշաբթի|երեքշաբթի|չորեքշաբթի|հինգշաբթի|ուրբաթ|շաբաթ
ka: კვირა|ორშაბათი|სამშაბათი|ოთხშაბათი|ხუთშაბათი|პარასკევი|შაბათი
id: minggu,ahad|senin|selasa|rabu|kamis|jumat,jum'at|sabtu
ms: ahad|isnin|selasa|rabu|khamis|jumaat|sabtu
sw: jumapili|jumatatu|jumanne|jumatano|alhamisi|ijumaa|jumamosi
hi: रविवार,रवि|सोमवार,सोम|मंगलवार,मंगल|बुधवार,बुध|गुरुवार,गुरूवार,बृहस्पतिवार,गुरु|शुक्रवार,शुक्र|शनिवार,शनि
mr: रविवार|सोमवार|मंगळवार|बुधवार|गुरुवार|शुक्रवार|शनिवार
ne: आइतबार,आइतवार|सोमबार,सोमवार|मङ्गलबार,मंगलबार,मङ्गलवार|बुधबार|बिहीबार,बिहिबार,बिहीवार|शुक्रबार|शनिबार
gu: રવિવાર|સોમવાર|મંગળવાર|બુધવાર|ગુરુવાર|શુક્રવાર|શનિવાર
pa: ਐਤਵਾਰ|ਸੋਮਵਾਰ|ਮੰਗਲਵਾਰ|ਬੁੱਧਵਾਰ|ਵੀਰਵਾਰ|ਸ਼ੁੱਕਰਵਾਰ|ਸ਼ਨਿੱਚਰਵਾਰ,ਸ਼ਨੀਵਾਰ
te: ఆదివారం|సోమవారం|మంగళవారం|బుధవారం|గురువారం|శుక్రవారం|శనివారం
kn: ಭಾನುವಾರ|ಸೋಮವಾರ|ಮಂಗಳವಾರ|ಬುಧವಾರ|ಗುರುವಾರ|ಶುಕ್ರವಾರ|ಶನಿವಾರ
ml: ഞായർ|തിങ്കൾ|ചൊവ്വ|ബുധൻ|വ്യാഴം|വെള്ളി|ശനി
si: ඉරිදා|සඳුදා|අඟහරුවාදා|බදාදා|බ්රහස්පතින්දා|සිකුරාදා|සෙනසුරාදා
km: អាទិត្យ|ចន្ទ|អង្គារ|ពុធ|ព្រហស្បតិ៍|សុក្រ|សៅរ៍
lo: ວັນອາທິດ|ວັນຈັນ|ວັນອັງຄານ|ວັນພຸດ|ວັນພະຫັດ|ວັນສຸກ|ວັນເສົາ
my: တနင်္ဂနွေနေ့,တနင်္ဂနွေ|တနင်္လာနေ့,တနင်္လာ|အင်္ဂါနေ့,အင်္ဂါ|ဗုဒ္ဓဟူးနေ့,ဗုဒ္ဓဟူး|ကြာသပတေးနေ့,ကြာသပတေး|သောကြာနေ့,သောကြာ|စနေနေ့,စနေ
am: እሑድ,እሁድ|ሰኞ|ማክሰኞ|ረቡዕ,ሮብ|ሐሙስ,ሀሙስ|ዓርብ,አርብ|ቅዳሜ
bn: রবিবার,রোববার|সোমবার|মঙ্গলবার|বুধবার|বৃহস্পতিবার|শুক্রবার|শনিবার
ta: ஞாயிறு|திங்கள்|செவ்வாய்|புதன்|வியாழன்|வெள்ளி|சனி
th: อาทิตย์,วันอาทิตย์,วันอาทิตย์ที่,อา|จันทร์,วันจันทร์,วันจันทร์ที่|อังคาร,วันอังคาร,วันอังคารที่|พุธ,วันพุธ,วันพุธที่|พฤหัสบดี,วันพฤหัสบดี,วันพฤหัสบดีที่,พฤหัส|ศุกร์,วันศุกร์,วันศุกร์ที่|เสาร์,วันเสาร์,วันเสาร์ที่
vi: chủ nhật|thứ hai|thứ ba|thứ tư|thứ năm|thứ sáu|thứ bảy
zh: 星期日,星期天,周日,週日,礼拜日|星期一,周一,週一|星期二,周二,週二|星期三,周三,週三|星期四,周四,週四|星期五,周五,週五|星期六,周六,週六
ja: 日曜日,日曜|月曜日,月曜,月|火曜日,火曜,火|水曜日,水曜,水|木曜日,木曜,木|金曜日,金曜,金|土曜日,土曜,土
ko: 일요일|월요일|화요일,화|수요일,수|목요일,목|금요일,금|토요일,토
`
