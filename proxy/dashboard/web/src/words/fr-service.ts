import type { ServiceWords } from './en-service';
import { gateway, rules } from './fr-rules';

// Ce qu’une famille rencontre. Chaque ligne : un motif sans parenthèses imbriquées, puis la phrase ; tests/e2e/test_words.py
// vérifie que le service dit encore cela, et tient pour libre ce qui est entre parenthèses.
export const service: ServiceWords = {
  rules,
  gateway,
  needsInside: 'Pour cela, Paravent doit regarder à l’intérieur, ce qu’il ne peut pas faire en ce moment pour cet appareil.',
  sentences: [
    // Se connecter
    [/^this (?:password) is not right$/, 'ce mot de passe n’est pas le bon'],
    [/^this (?:code) is not right(?:: .*)$/, 'ce code n’est pas le bon : `paravent password --code` le montre'],
    [/^there were too many wrong tries from here: wait (\d+) s$/, 'il y a eu trop d’essais erronés depuis cet appareil : attendez {1} s'],
    [/^(?:new: )a password has 8 to 200 characters$/, 'un mot de passe compte de 8 à 200 caractères'],
    [/^old: missing: the password that holds now$/, 'il manque l’ancien mot de passe'],
    [/^require_login: set a password first, or nobody could log in$/, 'définissez d’abord un mot de passe, sinon personne ne pourrait se connecter'],

    // Sites, appareils et listes
    [/^"(.*)" is no site: write its name alone, such as shop\.example$/, '« {1} » n’est pas un site : écrivez son nom seul, par exemple shop.example'],
    [/^(?:site: ".*" )is no host name$/, 'ce n’est pas un site : écrivez son nom seul, par exemple shop.example'],
    [/^another device is called "(.*)" already \((.*)\)$/, 'un autre appareil s’appelle déjà « {1} » ({2})'],
    [/^name: there is a list "(.*)" already$/, 'il y a déjà une liste du nom de « {1} »'],

    // Ce que fait ce boîtier
    [/^(?:servers: )is a list of up to four IP addresses(?:, .*)$/, 'il faut là au plus quatre adresses IP, comme 192.168.1.1'],
    [/^Devices that are told its address go through this box\.$/, 'Les appareils qui ont reçu son adresse passent par ce boîtier.'],
    [/^What your name server leads to this box goes through it\. For names it asks (.*)\.$/, 'Ce que votre serveur de noms amène à ce boîtier passe par lui. Il demande les noms à {1}.'],
    [/^Devices that have this box as their gateway go through it\.$/, 'Les appareils qui ont ce boîtier pour passerelle passent par lui.'],
    [/^nothing is led here yet: the rules are not in force(?:; .*)$/, 'rien n’est encore amené ici : les règles ne sont pas en vigueur ; `journalctl -u paravent-gateway` sur le boîtier dit pourquoi'],
    [/^no router was found to ask for names: (?:.*)$/, 'aucun routeur n’a été trouvé pour lui demander les noms : indiquez quel serveur de noms interroger'],
    [/^Debian's servers do not answer: (?:.*)$/, 'les serveurs de Debian ne répondent pas : vérifiez que ce boîtier est relié à internet'],

    // Ce qui est à soi
    [/^this is no e-mail address: (?:.*)$/, 'ce n’est pas une adresse e-mail : il en faut une seule, écrite comme nom@mail.example'],
    [/^this is no phone number: (?:.*)$/, 'ce n’est pas un numéro de téléphone : avec l’indicatif du pays, il compte de 7 à 15 chiffres, comme +33 6 12 34 56 78'],
    [/^the phone number's country code is missing: (?:.*)$/, 'il manque l’indicatif du pays : +33 6 12 34 56 78, là où l’on compose chez soi 06 12 34 56 78'],

    // La liste de Meta
    [/^another import is on its way: wait until it is done$/, 'un autre fichier est en cours de lecture : attendez qu’il soit lu'],
    [/^this very file is in that import already$/, 'ce fichier même est déjà dans cette importation'],
    [/^This (?:zip|file) breaks off before its end(?:.*)$/, 'Ce fichier s’interrompt avant sa fin, ou est abîmé : téléchargez-le de nouveau, et déposez-le tel quel.'],
    [/^This is neither a zip nor a JSON or HTML file, as Meta's export is\. (?:.*)$/, 'Ce n’est ni un zip, ni un fichier JSON ou HTML, comme ceux que donne Meta. Demandez à Meta le téléchargement de vos informations, au format JSON, et déposez ici le fichier tel quel.'],
    [/^(?:.+) holds none of what others told Meta about you\. (?:.*)$/, 'Ce fichier ne contient rien de ce que d’autres ont dit de vous à Meta. Demandez à Meta le téléchargement de vos informations avec « Votre activité en dehors des technologies Meta », toute la période, format JSON.'],
    [/^This is the index of an HTML export without its pages: drop the whole zip as Meta gave it\.$/, 'C’est le sommaire d’un téléchargement en HTML, sans ses pages : déposez le zip entier, tel que Meta l’a donné.'],
    [/^Nothing in this file can be used: its times cannot be read\. (?:.*)$/, 'Rien dans ce fichier ne peut servir : ses heures ne se lisent pas. Il a été changé en chemin, ou Meta écrit désormais autrement : téléchargez-le de nouveau, au format JSON, et déposez-le tel quel.'],
    [/^The (?:.+) in a language that is not read here: ask Meta for the format JSON\.$/, 'Les événements de ce fichier portent des heures dans une langue qui n’est pas lue ici : demandez à Meta le format JSON.'],
    [/^the file is missing or empty: (?:.*)$/, 'le fichier manque, ou il est vide : envoyez ce que Meta a donné, un fichier .zip, .json ou .html'],
    [/^(?:person: )there are imports of (\d+) people already: forget those of somebody first$/, 'il y a déjà les listes de {1} personnes : oubliez d’abord celles de quelqu’un'],
    [/^(?:person: )there are (\d+) people in the list already: untick all that somebody did first$/, 'il y a déjà {1} personnes dans la liste : décochez d’abord tout ce que quelqu’un a fait'],
    [/^(?:done: )that day is yet to come: tick it on the day on which it is done$/, 'ce jour est encore à venir : cochez l’étape le jour où elle est faite'],

    // Sauvegardes
    [/^this is no backup of Paravent: (?:.*); nothing was changed$/, 'ce n’est pas une sauvegarde de Paravent, ou elle est abîmée ; rien n’a été changé'],
    [/^the backup's certificate authority cannot be read: (?:.*); nothing was changed$/, 'le certificat de la sauvegarde ne peut pas être lu : la phrase secrète est peut-être une autre ; rien n’a été changé'],

    // Ce qui n’est pas en ordre
    [/^The clock stands before the day this program was built: times in events are wrong until it is set\.$/, 'L’horloge de ce boîtier retarde : tant qu’elle n’est pas à l’heure, les heures des événements sont fausses.'],
    [/^No name server has answered for (?:.*), so only (?:.*)$/, 'Aucun serveur de noms ne répond : seuls les serveurs demandés récemment peuvent être joints. Vérifiez que la connexion à internet fonctionne, ou indiquez d’autres serveurs de noms sous [resolver] servers.'],
    [/^This computer no longer has the address (\S+), at which Paravent listens, (?:.*)$/, 'Cet ordinateur n’a plus l’adresse {1}, à laquelle Paravent écoute : les appareils qui le connaissent par elle ne l’atteignent plus. Faites que le routeur lui donne toujours la même adresse, ou inscrivez la nouvelle dans les réglages et redémarrez Paravent.'],
    [/^Interception is on for (?:.*), but no certificate authority can be read, (?:.*)$/, 'Le regard à l’intérieur est activé, mais le certificat de la maison ne peut pas être lu : rien n’est donc ouvert. Remettez son fichier d’une sauvegarde, ou supprimez-le et créez-en un autre sur la page « Appareils ».'],
    [/^Interception is on for (?:.*), but there is no certificate authority, (?:.*)$/, 'Le regard à l’intérieur est activé, mais il n’y a pas de certificat de la maison : rien n’est donc ouvert. Créez-le sur la page « Appareils ».'],
    [/^The certificate authority (.*) is not valid yet by this computer's clock, (?:.*)$/, 'D’après l’horloge de cet ordinateur, le certificat « {1} » n’est pas encore valable : rien n’est ouvert pour les appareils qui n’en connaissent pas d’autre. Réglez l’horloge ; si elle est juste, créez-en un second, sur la page « Appareils ».'],
    [/^The certificate authority (.*) has expired, so nothing is decrypted (?:.*)$/, 'Le certificat « {1} » a expiré : rien n’est plus ouvert pour les appareils qui n’en connaissent pas d’autre. Créez-en un second à côté, sur la page « Appareils ».'],
    [/^The certificate authority (.*) expires in (?:1 day[;:] .*)$/, 'Le certificat « {1} » expire dans un jour : créez-en un second à côté, sur la page « Appareils », et installez-le sur chaque appareil.'],
    [/^The certificate authority (.*) expires in (\d+)(?: days[;:] .*)$/, 'Le certificat « {1} » expire dans {2} jours : créez-en un second à côté, sur la page « Appareils », et installez-le sur chaque appareil.'],
    [/^the disk of (.*) is full(?:: statistics are kept in memory .*)$/, 'Le disque est plein ({1}) : ce qui est vu n’est gardé qu’en mémoire, jusqu’à ce qu’il y ait de nouveau de la place.'],
    [/^it has not been fetched yet, so none of its rules is in force$/, 'elle n’a pas encore été reçue : aucune de ses règles n’est donc en vigueur'],
    [/^(\S+ )cannot be found: its name has no address \(DNS\)(?:; .*)$/, '{1} est introuvable : son nom n’a pas d’adresse (DNS). Les règles déjà reçues, s’il y en a, restent en vigueur.'],
    [/^(\S+ )cannot be reached: (?:.*)$/, '{1} n’est pas joignable. Les règles déjà reçues, s’il y en a, restent en vigueur.'],
    [/^(\S+ )(?:answers 404) \(there is nothing at this address\)(?:; .*)$/, '{1} : il n’y a rien à cette adresse. Les règles déjà reçues, s’il y en a, restent en vigueur.'],
    [/^(\S+) repeats what its pages tell Meta to (\S+), which tells Meta and passes here: (?:.*)$/, '{1} répète ce que ses pages disent à Meta à {2}, qui le dit à Meta et passe ici. Vous pouvez l’arrêter sur la page « Sites ».'],

    // Pourquoi
    [/because the owner's exception (?:\S+) says so for (\S+?)(?:\.|\. That takes .*)$/, 'Une exception que vous avez faite pour {1} le veut ainsi.'],
    [/applies, and the owner observes this site: (?:.*)$/, 'Mais vous avez choisi pour ce site le vrai script de Meta, surveillé : Meta apprend que la page a été ouverte, et ce que dit son script trouve sa réponse ici, tant que Paravent regarde à l’intérieur.'],
  ],
};
