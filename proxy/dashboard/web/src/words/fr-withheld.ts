import type { counter } from './count';
import type { withheld as english } from './en-withheld';

export const withheld = (n: ReturnType<typeof counter>): ReturnType<typeof english> => ({
  title: 'Ce qui a été retenu',
  intro: 'Une feuille par mois : ce que Meta n’a pas appris de cette maison.',
  month: 'Mois',
  print: 'Imprimer',
  csv: 'Enregistrer en CSV',
  head: 'Ce que Meta n’a pas appris : {month}',
  some: (events: number, sites: number) => `${n(events, '# message pour Meta n’a pas quitté la maison', '# messages pour Meta n’ont pas quitté la maison')}${sites ? ` ; ${n(sites, '# site ou application voulait l’envoyer', '# sites et applications voulaient les envoyer')}` : ''}.`,
  none: 'Rien n’a été retenu ce mois-là, ou rien n’en est conservé.',
  noneDo: 'Des événements apparaissent ici si Paravent les conserve et si quelque chose a été arrêté.',
  incomplete: 'Ce mois n’est pas entier : il n’est pas terminé, ou une partie n’en est plus conservée.',
  span: 'Du {from} au {to}.',
  purchases: 'Achats',
  purchaseCount: (events: number) => n(events, '# achat a été retenu.', '# achats ont été retenus.'),
  purchaseNone: 'Il n’y avait aucun achat parmi eux.',
  sums: (events: number) => n(events, '{sum} en # achat', '{sum} en # achats'),
  identifiers: 'Ce qui aurait dit qui vous êtes',
  identifiersNone: 'Aucun ne portait d’identifiant.',
  products: 'Par quel chemin',
  sites: 'Par site',
  site: 'Site',
  unknownSite: 'site non visible',
  messages: 'Messages',
  most: (count: number) => `Les ${count} qui ont le plus de messages sont affichés ; le fichier CSV les a tous.`,
  foot: 'Compté par Paravent d’après les événements qu’il a conservés. Un achat dit deux fois compte deux fois.',
});
