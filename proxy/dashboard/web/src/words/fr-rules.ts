/** Ce que bloquer un serveur entraîne au-delà du site qui l’a fait bloquer. */
export const gateway = 'Cela vaut pour tous les appareils, et pour tous les sites qui utilisent le même serveur : en https, seul le serveur est vu.';

/** Ce que disent les règles de Paravent (rules/lists), d’après leur identifiant. */
export const rules: Readonly<Record<string, string>> = {
  // app-events
  'app-events': 'Une application dit à Facebook ce qui y a été fait : qu’elle a été ouverte, qu’on y a acheté quelque chose, ou comment on s’en est servi.',
  'app-events-host': 'Des applications rapportent à ce serveur ce que l’on fait avec elles. Personne n’a regardé à l’intérieur de la connexion : tout en est donc arrêté.',

  // audience-network
  'audience-network': 'Une application ou une page demande une publicité à Meta et décrit l’appareil en détail.',
  'audience-network-page': 'Une page demande une publicité à Meta.',
  'adnw-request': 'Une application demande une publicité à Meta.',
  'adnw-sync': 'Une application échange son état avec le service publicitaire de Meta.',
  'adnw-logging': 'Une application dit à Meta ce qu’a donné une publicité.',
  'an-path': 'Une application parle au service publicitaire de Meta.',
  'network-ads': 'Une application demande une publicité à Meta.',
  atlas: 'Atlas, l’ancien service publicitaire de Meta, reconnaît le navigateur.',
  'pixel-host': 'Un serveur de Facebook qui ne fait que recevoir ce qui est rapporté de la visite d’autres pages.',
  'analytics-host': 'Un serveur de Facebook qui ne fait que recevoir ce qui est rapporté de la visite d’autres pages.',

  // conversions
  'conversions-api': 'Un serveur dit à Facebook ce que des clients ont fait (API Conversions).',
  'conversions-gateway': 'La page envoie ce que quelqu’un a fait à une passerelle, qui le transmet à Meta.',
  'gateway-of-site': `Un site répète à ce serveur ce que ses pages disent à Meta, et ce serveur le dit à Meta ; vous avez choisi de le bloquer. ${gateway}`,

  // login
  'login-dialog': 'Quelqu’un se connecte à un autre service avec Facebook.',
  'login-dialog-version': 'Quelqu’un se connecte à un autre service avec Facebook.',
  'login-page': 'Quelqu’un se connecte à Facebook.',
  'login-token': 'Un service va chercher la preuve d’une connexion avec Facebook.',
  'login-token-version': 'Un service va chercher la preuve d’une connexion avec Facebook.',
  'login-me': 'Un service demande à Facebook qui s’est connecté.',
  'login-me-version': 'Un service demande à Facebook qui s’est connecté.',
  'login-instagram': 'Quelqu’un se connecte à un autre service avec Instagram.',
  'login-instagram-page': 'Quelqu’un se connecte à Instagram.',

  // meta-ai
  'meta-ai': 'L’assistant de Meta.',

  // meta-logging
  'fb-bz': 'Les pages mêmes de Facebook rapportent ce que l’on y fait.',
  'fb-ajax-bz': 'Les pages mêmes de Facebook rapportent ce que l’on y fait.',
  'fb-ajax-qm': 'Les pages mêmes de Facebook rapportent comment on s’en sert.',
  'fb-ajax-log': 'Les pages mêmes de Facebook rapportent ce que l’on y fait.',
  'fb-ajax-logging': 'Les pages mêmes de Facebook rapportent ce que l’on y fait.',
  'fb-sw-log': 'Le script d’arrière-plan de Facebook fait un rapport à Facebook.',
  'fb-xti': 'Les pages mêmes de Facebook rapportent quelles publicités ont été vues.',
  'fb-ai': 'Les pages mêmes de Facebook rapportent quelles publicités ont été vues.',
  'fb-brandlift': 'Facebook mesure si l’on se souvient d’une publicité.',
  'fb-cavalry': 'Les pages mêmes de Facebook rapportent si elles ont été rapides.',
  'fb-scribe': 'Les pages mêmes de Facebook rapportent ce que l’on y fait.',
  'ig-logging': 'Les pages mêmes d’Instagram rapportent ce que l’on y fait.',
  'ig-logging-events': 'Les pages mêmes d’Instagram rapportent ce que l’on y fait.',
  'ig-bz': 'Les pages mêmes d’Instagram rapportent ce que l’on y fait.',
  'ig-qm': 'Les pages mêmes d’Instagram rapportent comment on s’en sert.',
  'wa-wam': 'WhatsApp dans le navigateur rapporte comment on s’en sert.',

  // pixel-event
  'pixel-event': 'Le pixel Meta dit à Facebook ce que quelqu’un a fait sur une page : ce qui a été regardé, cherché ou acheté.',
  'privacy-sandbox': 'Le pixel Meta envoie le même événement une seconde fois, par l’interface publicitaire du navigateur lui-même.',
  'paid-ads-pixel': 'Une page ouverte dans le navigateur intégré de Facebook ou d’Instagram rapporte un événement au service publicitaire de Meta.',
  'link-decoration': 'Un lien sur Facebook passe par Facebook, qui compte qui l’ouvre et marque l’adresse : le site peut ainsi dire à Meta qui est venu.',
  'link-decoration-mobile': 'Un lien sur les pages mobiles de Facebook passe par Facebook, qui compte qui l’ouvre et marque l’adresse.',
  'link-decoration-instagram': 'Un lien sur Instagram passe par Instagram, qui compte qui l’ouvre et marque l’adresse.',

  // pixel-loader
  fbevents: 'La page charge le pixel Meta, le programme qui rapporte à Facebook ce que l’on y fait.',
  'signals-config': 'Le pixel Meta va chercher ce que ce site lui permet de recueillir.',
  'signals-plugins': 'Le pixel Meta charge une partie de lui-même, par exemple celle qui cherche des noms et des adresses dans les formulaires.',
  'signals-iwl': 'Le pixel Meta charge l’outil avec lequel un annonceur désigne les boutons à surveiller.',
  fbds: 'La page charge une ancienne forme du pixel Meta.',
  pcm: 'La page charge le script avec lequel Meta mesure les clics sur les publicités.',
  'loader-host': 'Les scripts de pistage de Meta viennent de ce serveur. Personne n’a regardé à l’intérieur de la connexion : tout en est donc arrêté.',

  // social-plugin
  plugins: 'Un bouton ou un cadre de Facebook dans la page dit à Facebook qui la lit.',
  'plugins-version': 'Un bouton ou un cadre de Facebook dans la page dit à Facebook qui la lit.',
  'login-status': 'La page demande à Facebook si ce navigateur y est connecté : Facebook apprend ainsi quelle page est lue.',
  impression: 'Les scripts de Facebook rapportent que la page a été ouverte.',
  sdk: 'La page charge les scripts de Facebook pour les boutons, les commentaires et la connexion.',
  'sdk-part': 'La page charge une partie des scripts de Facebook, par exemple la fenêtre de discussion.',
  'all-js': 'La page charge une ancienne forme des scripts de Facebook pour les boutons, les commentaires et la connexion.',
  'instagram-embed-script': 'La page charge le script d’Instagram pour les publications intégrées.',
  'instagram-post': 'Une publication d’Instagram intégrée à la page dit à Instagram qui lit cette page.',
  'instagram-reel': 'Une vidéo d’Instagram intégrée à la page dit à Instagram qui lit cette page.',
  'instagram-platform': 'La page charge l’ancien script d’Instagram pour les publications intégrées.',
};
